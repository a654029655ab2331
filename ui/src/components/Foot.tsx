// At the foot of every page where the process receives spans itself: what came, what is stored, what is lost.
import { useLedger } from '../api/ledger';
import { number } from '../format/count';
import css from './Foot.module.css';

export function Foot() {
  const { data: ledger } = useLedger();
  if (!ledger) return null;
  return (
    <footer className={css.foot}>
      <span>received {number(ledger.received)}</span>
      <span>stored {number(ledger.stored)}</span>
      {ledger.inFlight > 0 && <span>on their way {number(ledger.inFlight)}</span>}
      {ledger.refused > 0 && <span>refused {number(ledger.refused)} (their senders were told)</span>}
      <span className={ledger.dropped > 0 ? 'bad' : undefined}>dropped {number(ledger.dropped)}</span>
      {ledger.droppedPackets > 0 && <span className="bad">dropped packets {number(ledger.droppedPackets)}</span>}
    </footer>
  );
}
