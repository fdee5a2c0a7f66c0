export const ping = () => 'store';
