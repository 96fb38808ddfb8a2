import { AuthGate } from '../../components/auth-gate';
import { Chat } from '../../components/chat';
import { readDeployment } from '../../lib/stream-url';

// The function URL is read at each request: one build serves every environment.
export const dynamic = 'force-dynamic';

export default async function ChatPage() {
  const { outputs, ...endpoint } = await readDeployment();
  return (
    <AuthGate outputs={outputs}>
      <Chat {...endpoint} />
    </AuthGate>
  );
}
