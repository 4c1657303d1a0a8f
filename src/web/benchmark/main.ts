import type { BenchmarkProgress } from "../../benchmark/benchmark.ts";
import { serveCalls } from "../calls.ts";
import { LocalBenchmarkHost } from "./host.ts";

/** What runs in the benchmark's worker. */
const tell = serveCalls<BenchmarkProgress>(self, new LocalBenchmarkHost((progress) => tell(progress)));
