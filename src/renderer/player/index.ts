export { Player } from './player.tsx';
export { player, usePlayer } from './transport.ts';
