/** Final answers of the server, as data. */
import {
  BindRequest,
  BindResponse,
  ExtendedRequest,
  ExtendedResponse,
  PagedResultsControl,
  SearchRequest,
  SearchResponse,
} from 'ldapts';

/** The final answer to a request, as the server gave it: any result code is an answer. */
export type Answer = {
  readonly code: number;
  readonly diagnostic: string;
  /** Undefined when the answer carries no paging control: then nobody knows whether more would follow. */
  readonly cookie?: Buffer;
  readonly value?: string;
};

export type Request = BindRequest | ExtendedRequest | SearchRequest;
type Final = BindResponse | ExtendedResponse | SearchResponse;

/** Whether the message ends this request: the right number is not enough, it must be of the right kind. */
export function isFinalFor(request: Request, message: unknown): message is Final {
  return (
    (request instanceof SearchRequest && message instanceof SearchResponse) ||
    (request instanceof BindRequest && message instanceof BindResponse) ||
    (request instanceof ExtendedRequest && message instanceof ExtendedResponse)
  );
}

/** The answer in a final message. */
export function toAnswer(message: Final): Answer {
  const paging = message.controls?.find((control) => control instanceof PagedResultsControl);
  return {
    code: message.status,
    diagnostic: message.errorMessage,
    // A copy: the original is a view that would keep the whole network chunk alive.
    ...(paging?.value?.cookie && { cookie: Buffer.from(paging.value.cookie) }),
    ...(message instanceof ExtendedResponse && message.value !== undefined && { value: message.value }),
  };
}
