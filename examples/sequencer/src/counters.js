// What the sequencer counts of itself, as JSON and as Prometheus reads it.
"use strict";

const v8 = require("node:v8");

const BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Histogram {
  constructor() {
    this.buckets = BOUNDS.map(() => 0);
    this.sum = 0;
    this.count = 0;
  }

  saw(seconds) {
    this.count += 1;
    this.sum += seconds;
    BOUNDS.forEach((bound, place) => {
      if (seconds <= bound) this.buckets[place] += 1;
    });
  }

  lines(name) {
    return [
      ...BOUNDS.map((bound, place) => `${name}_bucket{le="${bound}"} ${this.buckets[place]}`),
      `${name}_bucket{le="+Inf"} ${this.count}`,
      `${name}_sum ${this.sum}`,
      `${name}_count ${this.count}`,
    ];
  }
}

class Counters {
  constructor() {
    this.requests = {};
    this.errors = { validation: 0, unauthorized: 0, database: 0, dependency: 0, internal: 0 };
    this.answers = new Histogram();
    this.queries = new Histogram();
    this.read = 0;
    this.awaited = 0;
  }

  /** Count an answer: its status, how long it took, and what kind of error it was, if any. */
  answer(status, seconds, error) {
    this.requests[status] = (this.requests[status] ?? 0) + 1;
    this.answers.saw(seconds);
    if (error) this.errors[error] += 1;
  }

  json() {
    return {
      requests: this.requests,
      errors: this.errors,
      answered: this.answers.count,
      failed: Object.entries(this.requests).reduce((sum, [status, n]) => sum + (status >= "500" ? n : 0), 0),
      seconds: this.answers.sum,
      memory: process.memoryUsage(),
      uptime: process.uptime(),
    };
  }

  prometheus() {
    const family = (name, kind, help) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
    const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics();
    return [
      ...family("http_requests_total", "counter", "Answers by status."),
      ...Object.entries(this.requests).map(([status, n]) => `http_requests_total{status="${status}"} ${n}`),
      ...family("http_bodies_awaited", "gauge", "Requests whose body is not complete yet."),
      `http_bodies_awaited ${this.awaited}`,
      ...family("sequencer_errors_total", "counter", "Errors by kind."),
      ...Object.entries(this.errors).map(([kind, n]) => `sequencer_errors_total{kind="${kind}"} ${n}`),
      ...family("sequencer_intents_read_total", "counter", "Intents given to holders of a key."),
      `sequencer_intents_read_total ${this.read}`,
      ...family("http_request_seconds", "histogram", "How long answers took."),
      ...this.answers.lines("http_request_seconds"),
      ...family("database_query_seconds", "histogram", "How long the database took for a query, once it was asked."),
      ...this.queries.lines("database_query_seconds"),
      ...family("process_resident_memory_bytes", "gauge", "Memory of the process."),
      `process_resident_memory_bytes ${process.memoryUsage().rss}`,
      ...family("nodejs_heap_used_bytes", "gauge", "Heap in use."),
      `nodejs_heap_used_bytes ${used}`,
      ...family("nodejs_heap_used_share", "gauge", "Heap in use, of what it may become."),
      `nodejs_heap_used_share ${used / limit}`,
      "",
    ].join("\n");
  }
}

module.exports = { Counters };
