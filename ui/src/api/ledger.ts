// `GET /api/ledger`: what this process received, stored, refused and dropped. Only all-in-one has it.
import { useQuery } from '@tanstack/react-query';
import { boot } from '../config/boot';
import { apiUrl, json } from './http';

export interface Ledger {
  received: number;
  stored: number;
  inFlight: number;
  refused: number;
  dropped: number;
  /** UDP packets that nobody has. */
  droppedPackets: number;
}

export function useLedger() {
  return useQuery({
    queryKey: ['ledger'],
    enabled: boot.can.ledger,
    refetchInterval: 2_000,
    queryFn: ({ signal }) => json<Ledger>(apiUrl('/api/ledger'), signal),
  });
}
