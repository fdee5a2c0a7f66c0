export const ping = () => 'page';
