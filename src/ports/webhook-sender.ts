export interface OutgoingWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts to addresses that users chose. */
export interface WebhookSender {
  /**
   * Answers the HTTP status. Follows no redirect and reads nothing of the answer. Refuses addresses that only a machine's own
   * infrastructure answers at (link-local: the metadata services of clouds).
   * Rejects with an Error, whose message is safe to show, when nobody answered in time.
   */
  post(webhook: OutgoingWebhook): Promise<number>;
}
