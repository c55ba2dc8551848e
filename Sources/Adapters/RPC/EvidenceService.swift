// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Roles

/// `evidence.*`: faults of validators, as a node that executes blocks knows them; a module of ours.
enum EvidenceService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("evidence.List", .read) { call in
                call.answer(.slashings) {
                    guard case .slashings(let report) = $0 else { return nil }
                    return { write(report, to: &$0) }
                }
            }
        ]
    }

    private static func write(_ report: SlashingReport, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("height") { $0.quoted(report.height) }
            writer.member("denom", report.denom)
            writer.member("supply") { $0.quoted(report.supply) }
            writer.member("bonded") { $0.quoted(report.bonded) }
            writer.member("burned") { $0.quoted(report.burned) }
            writer.member("fund") { $0.quoted(report.fund) }
            writer.member("validators") { writer in
                writer.array(report.stakes) { writer, stake in
                    writer.object { writer in
                        writer.member("operator", stake.operatorAddress)
                        writer.member("address", address(stake.address))
                        writer.member("tokens") { $0.quoted(stake.tokens) }
                        writer.member("jailed", stake.isJailed)
                        writer.member("tombstoned", stake.isTombstoned)
                    }
                }
            }
            writer.member("pending") { writer in
                writer.array(report.pending) { writer, pair in
                    writer.object { write(pair, to: &$0) }
                }
            }
            writer.member("slashed") { writer in
                writer.array(report.told) { write($1, to: &$0) }
            }
        }
    }

    private static func write(_ told: SlashingReport.Told, to writer: inout JSONWriter) {
        writer.object { writer in
            if let fault = told.evidence.fault {
                write(fault, to: &writer)
            } else {
                writer.member("evidence", hex: told.evidence.evidence)
            }
            writer.member("operator", told.operatorAddress)
            writer.member("included") { $0.quoted(told.evidence.height) }
            writer.member("coins") { $0.quoted(told.evidence.coins) }
            writer.member("fraction", told.fraction)
            writer.member("settled", told.isDone)
            writer.member("reporter", told.reporter)
        }
    }

    private static func write(_ fault: FaultEvidence, to writer: inout JSONWriter) {
        switch fault {
        case .pair(let pair): write(pair, to: &writer)
        case .vote(let vote): write(vote, to: &writer)
        }
    }

    private static func write(_ vote: ImpossibleVote, to writer: inout JSONWriter) {
        writer.member("id", vote.id.hex)
        writer.member("kind", "E8")
        writer.member("fault", "impossibleHeader")
        writer.member("validator", address(vote.address))
        writer.member("epoch") { $0.quoted(vote.epoch.value) }
        writer.member("view") { $0.quoted(UInt64(vote.round)) }
        writer.member("height") { $0.quoted(vote.header.height.value) }
        writer.member("statements") { writer in
            writer.array([vote]) { writer, vote in
                writer.object { writer in
                    writer.member("kind", "precommit")
                    writer.member("block", vote.header.hash.hex)
                    if let root = vote.header.dataHash { writer.member("data_root", root.hex) }
                    writer.member("time", vote.vote.timestamp.description)
                    writer.member("signature", vote.vote.signature?.hex ?? "")
                }
            }
        }
    }

    private static func write(_ pair: SlashingEvidence, to writer: inout JSONWriter) {
        writer.member("id", pair.id.hex)
        writer.member("kind", "E\(pair.fault.rawValue)")
        writer.member("fault", "\(pair.fault)")
        writer.member("validator", address(pair.address))
        writer.member("epoch") { $0.quoted(pair.first.statement.epoch.value) }
        writer.member("view") { $0.quoted(pair.first.statement.view.value) }
        let block = pair.first.statement.block ?? pair.second.statement.block
        if let block { writer.member("height") { $0.quoted(block.height.value) } }
        writer.member("statements") { writer in
            writer.array([pair.first, pair.second]) { writer, signed in
                writer.object { writer in
                    writer.member("kind", "\(signed.statement.kind)")
                    if let block = signed.statement.block {
                        writer.member("block", block.hash.hex)
                        writer.member("data_root", block.dataRoot.hex)
                    }
                    if signed.statement.isTimed {
                        writer.member("time", signed.timestamp.description)
                    }
                    writer.member("place", signed.place)
                    writer.member("signature", signed.signature.hex)
                }
            }
        }
    }

    private static func address(_ address: Bytes20) -> String {
        Hex.encode(address.array, uppercase: true)
    }
}
