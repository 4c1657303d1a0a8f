import type { BenchmarkProgress } from "../../benchmark/benchmark.ts";
import { serveCalls } from "../calls.ts";
import { LocalBenchmarkHost } from "./host.ts";

/** What runs in the benchmark's worker. */
const send = serveCalls<BenchmarkProgress>(self, new LocalBenchmarkHost((progress) => send(progress)));
