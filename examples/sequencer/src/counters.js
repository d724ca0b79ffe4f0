// What the sequencer counts of itself, as JSON and as Prometheus reads it.
"use strict";

const BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Counters {
  constructor() {
    this.requests = {};
    this.errors = { validation: 0, unauthorized: 0, database: 0, dependency: 0, internal: 0 };
    this.buckets = BOUNDS.map(() => 0);
    this.seconds = 0;
    this.answered = 0;
  }

  /** Count an answer: its status, how long it took, and what kind of error it was, if any. */
  answer(status, seconds, error) {
    this.requests[status] = (this.requests[status] ?? 0) + 1;
    this.answered += 1;
    this.seconds += seconds;
    BOUNDS.forEach((bound, place) => {
      if (seconds <= bound) this.buckets[place] += 1;
    });
    if (error) this.errors[error] += 1;
  }

  json() {
    return {
      requests: this.requests,
      errors: this.errors,
      answered: this.answered,
      failed: Object.entries(this.requests).reduce((sum, [status, n]) => sum + (status >= "500" ? n : 0), 0),
      seconds: this.seconds,
      memory: process.memoryUsage(),
      uptime: process.uptime(),
    };
  }

  prometheus() {
    const family = (name, kind, help) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
    const { heapUsed, rss } = process.memoryUsage();
    return [
      ...family("http_requests_total", "counter", "Answers by status."),
      ...Object.entries(this.requests).map(([status, n]) => `http_requests_total{status="${status}"} ${n}`),
      ...family("sequencer_errors_total", "counter", "Errors by kind."),
      ...Object.entries(this.errors).map(([kind, n]) => `sequencer_errors_total{kind="${kind}"} ${n}`),
      ...family("http_request_seconds", "histogram", "How long answers took."),
      ...BOUNDS.map((bound, place) => `http_request_seconds_bucket{le="${bound}"} ${this.buckets[place]}`),
      `http_request_seconds_bucket{le="+Inf"} ${this.answered}`,
      `http_request_seconds_sum ${this.seconds}`,
      `http_request_seconds_count ${this.answered}`,
      ...family("process_resident_memory_bytes", "gauge", "Memory of the process."),
      `process_resident_memory_bytes ${rss}`,
      ...family("nodejs_heap_used_bytes", "gauge", "Heap in use."),
      `nodejs_heap_used_bytes ${heapUsed}`,
      "",
    ].join("\n");
  }
}

module.exports = { Counters };
