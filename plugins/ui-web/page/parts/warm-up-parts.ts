/** What is loaded only where there is a warm-up, or when one is added. */
import '../styles/warm-ups.css';

export { AddWarmUp } from './warm-up-dialog.tsx';
export { WarmUpList } from './warm-up-list.tsx';
