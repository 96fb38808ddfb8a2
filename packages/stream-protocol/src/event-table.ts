/**
 * The events of AG-UI 1.0 and what they hold. Each line is a shape: a name and fields; `?` marks those that may be absent, and
 * what follows the colon is the kind of the field (a string where nothing does). Lines with a dash are the members of the
 * union above them: they have its fields too, and the first of those has the member's name as its value.
 *
 * `[+]`: a list that is not empty. `*`: any other field.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */
export const eventTable = `Part type id? metadata?:notNull
-text text
-image|audio|video|document source:Source
Source type value mimeType?
-data mimeType
-url
-file provider?
Message role id subagentRunId? metadata?:{}
-developer|system content name? encryptedValue?
-assistant content? toolCalls?:ToolCall[] name? encryptedValue?
-user content:Part[]|string name? encryptedValue?
-tool content:Part[]|string toolCallId error? encryptedValue?
-activity activityType content:{}
-reasoning content encryptedValue?
ToolCall id function:Function type:"function" encryptedValue? metadata?:{}
Function name arguments
Tool name description parameters?:notNull metadata?:{}
Context description value
Resume status:"resolved"|"cancelled" interruptId payload?:notNull metadata?:{}
Input messages:Message[] threadId runId protocolVersion? parentRunId? state?:any tools?:Tool[] context?:Context[] forwardedProps?:notNull resume?:Resume[]
Interrupt reason id subagentRunId? message? toolCallId? responseSchema?:{} expiresAt? metadata?:{}
RunOutcome type
-success pendingToolCallIds?:string[]
-interrupt interrupts:Interrupt[+]
-cancelled
SubagentOutcome type
-success
-suspended interruptIds?:string[]
Usage provider? model? inputTokens?:count totalTokens?:count outputTokens?:count reasoningTokens?:count cachedInputTokens?:count cacheWriteInputTokens?:count
Operation op path:pointer *?:any
-add|replace|test value:any
-remove
-move|copy from:pointer
Event type timestamp?:integer rawEvent?:notNull metadata?:{}
-RUN_STARTED threadId runId protocolVersion? parentRunId? input?:Input
-RUN_FINISHED threadId runId result?:notNull outcome?:RunOutcome usage?:Usage[]
-RUN_ERROR message code? usage?:Usage[]
-MESSAGES_SNAPSHOT messages:Message[]
-SUBAGENT_STARTED subagentRunId name description? parentToolCallId? parentMessageId? parentSubagentRunId?
-SUBAGENT_FINISHED subagentRunId result?:notNull outcome?:SubagentOutcome
-SUBAGENT_ERROR subagentRunId message code?
-STEP_STARTED|STEP_FINISHED stepName subagentRunId?
-TEXT_MESSAGE_START messageId role?:"developer"|"system"|"assistant"|"user" name? subagentRunId?
-TEXT_MESSAGE_CONTENT|REASONING_MESSAGE_CONTENT delta messageId subagentRunId?
-TEXT_MESSAGE_END|REASONING_START|REASONING_MESSAGE_END|REASONING_END messageId subagentRunId?
-TEXT_MESSAGE_CHUNK messageId? delta? role?:"developer"|"system"|"assistant"|"user" name? subagentRunId?
-TOOL_CALL_START toolCallId toolCallName parentMessageId? subagentRunId?
-TOOL_CALL_ARGS delta toolCallId subagentRunId?
-TOOL_CALL_END toolCallId subagentRunId?
-TOOL_CALL_CHUNK delta? toolCallName? toolCallId? parentMessageId? subagentRunId?
-TOOL_CALL_RESULT content:Part[]|string toolCallId messageId role?:"tool" subagentRunId?
-STATE_SNAPSHOT snapshot:any subagentRunId?
-STATE_DELTA delta:Operation[] subagentRunId?
-ACTIVITY_SNAPSHOT messageId activityType content:{} replace?:boolean subagentRunId?
-ACTIVITY_DELTA messageId activityType patch:Operation[] subagentRunId?
-REASONING_MESSAGE_START messageId role:"reasoning" subagentRunId?
-REASONING_MESSAGE_CHUNK messageId? delta? subagentRunId?
-REASONING_ENCRYPTED_VALUE encryptedValue entityId subtype:"tool-call"|"message" subagentRunId?
-RAW event:any source? subagentRunId?
-CUSTOM name value:any subagentRunId?`;
