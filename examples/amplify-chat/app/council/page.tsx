import { AuthGate } from '../../components/auth-gate';
import { Council } from '../../components/council';
import { readDeployment } from '../../lib/stream-url';

export const dynamic = 'force-dynamic';

export default async function CouncilPage() {
  const { outputs, ...endpoint } = await readDeployment();
  return (
    <AuthGate outputs={outputs}>
      <Council {...endpoint} />
    </AuthGate>
  );
}
