import { termsOf } from './terms';

/** Japanese search words and the English ones that the same thing goes by in the English documents. */
const english: Record<string, string> = {
  ストリーミング: 'streaming',
  ストリーム: 'stream',
  認証: 'authorize token',
  認可: 'authorize',
  関数: 'function',
  停止: 'stop cancel abort',
  中断: 'interrupt abort',
  制限: 'limit',
  上限: 'limit',
  再接続: 'reconnect',
  再試行: 'retry',
  引用: 'citation',
  出典: 'citation',
  エラー: 'error',
  失敗: 'error failure',
  期限: 'deadline',
  タイムアウト: 'timeout deadline',
  権限: 'permission',
  設定: 'option setup',
  評議: 'council',
  賢者: 'sage council',
  並列: 'parallel',
  速度: 'pace latency',
  間隔: 'interval pace',
  保証: 'guarantee',
  会話: 'conversation',
  導入: 'install',
  配備: 'deploy',
  デプロイ: 'deploy',
  署名: 'sign sigv4',
  画面: 'page',
  費用: 'cost',
  構成: 'architecture',
  仕組み: 'architecture',
  形式: 'format',
  イベント: 'event',
  トークン: 'token',
  切断: 'disconnect truncated',
  バックプレッシャー: 'backpressure',
  キープアライブ: 'keep-alive',
  推論: 'reasoning',
  履歴: 'history messages',
  割り込み: 'interrupt',
};

/** By the terms of a word: the segmenter makes two of タイムアウト. */
const synonyms = Object.entries(english).map(
  ([word, meaning]) => [termsOf(word), termsOf(meaning)] as const,
);

/** Returns the English terms that each of a question's terms stands for, alone or with others of them. */
export function englishTerms(asked: readonly string[]): Map<string, string[]> {
  const found = synonyms.filter(([word]) => word.every((term) => asked.includes(term)));
  return new Map(
    asked.map((term) => [
      term,
      found.flatMap(([word, meaning]) => (word.includes(term) ? meaning : [])),
    ]),
  );
}
