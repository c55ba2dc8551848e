// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
package import Roles

/// How far the node is and what it did, as `das.*`, `header.SyncState` and `state.*` tell it.
package enum StatusJSON {
    /// `das.SamplingStats`.
    package static func write(_ statistics: SamplingStatistics, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("head_of_sampled_chain", statistics.sampledHead)
            writer.member("head_of_catchup", statistics.catchupHead)
            writer.member("network_head_height", statistics.networkHead)
            if !statistics.failures.isEmpty {
                writer.member("failed") { writer in
                    writer.object { writer in
                        for failure in statistics.failures {
                            writer.member(String(failure.height), failure.attempts)
                        }
                    }
                }
            }
            if !statistics.workers.isEmpty {
                writer.member("workers") { writer in
                    writer.array(statistics.workers) { write($1, to: &$0) }
                }
            }
            writer.member("concurrency", statistics.concurrency)
            writer.member("catch_up_done", statistics.isCaughtUp)
            writer.member("is_running", statistics.isRunning)
        }
    }

    /// `header.SyncState`.
    package static func write(_ state: SynchronizationState, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", state.identifier)
            writer.member("height", state.height)
            writer.member("from_height", state.fromHeight)
            writer.member("to_height", state.toHeight)
            writer.member("from_hash", hex: state.fromHash.array)
            writer.member("to_hash", hex: state.toHash.array)
            writer.member("start", state.start.description)
            writer.member("end", (state.end ?? .zero).description)
            if !state.failure.isEmpty { writer.member("error", state.failure) }
        }
    }

    /// A Cosmos `TxResponse`.
    package static func write(_ outcome: TransactionOutcome, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("height", outcome.height)
            writer.member("txhash", hex: outcome.hash.array)
            if !outcome.codespace.isEmpty { writer.member("codespace", outcome.codespace) }
            if outcome.code != 0 { writer.member("code", outcome.code) }
            if !outcome.log.isEmpty { writer.member("raw_log", outcome.log) }
            writer.member("logs") { $0.array { _ in } }
            if outcome.gasWanted != 0 { writer.member("gas_wanted", outcome.gasWanted) }
            if outcome.gasUsed != 0 { writer.member("gas_used", outcome.gasUsed) }
            writer.member("events") { $0.array { _ in } }
        }
    }

    /// `state.Balance`.
    package static func write(_ balance: AccountBalance, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("denom", balance.denomination)
            writer.member("amount", String(balance.amount))
        }
    }

    private static func write(
        _ worker: SamplingStatistics.Worker, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("job_type", worker.job.rawValue)
            writer.member("current", worker.current)
            writer.member("from", worker.from)
            writer.member("to", worker.to)
            if !worker.failure.isEmpty { writer.member("error", worker.failure) }
        }
    }
}
