export const ping = () => 'http';
