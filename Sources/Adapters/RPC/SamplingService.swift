// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Roles

/// `das.*`: what sampling has done.
enum SamplingService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("das.SamplingStats", .read) { call in
                statistics(call) { statistics in
                    call.reply { StatusJSON.write(statistics, to: &$0) }
                }
            },
            RPCMethod("das.WaitCatchUp", .read, waits: true) { call in
                call.server.heads.poll(call) {
                    statistics(call) { if $0.isCaughtUp { call.replyNull() } }
                }
            },
            RPCMethod("das.Receipts", .read, .integer("count", "int")) { call, count in
                receipts(call, count: count)
            },
            RPCMethod("das.Confidence", .read, .height) { confidence($0, $1) },
            RPCMethod("das.ExportReceipt", .read, .height) { export($0, $1) },
        ]
    }

    /// The most verdicts that one answer tells, which is how many a node has at hand.
    private static let receiptsMax = NodeLimits.receiptsKept

    private static func receipts(_ call: RPCCall, count: Int) {
        guard (1...receiptsMax).contains(count) else {
            return call.fail(.application("das: count must be from 1 to \(receiptsMax)"))
        }
        call.answer(.receipts(count: count)) {
            guard case .receipts(let records) = $0 else { return nil }
            return { SamplingRecordJSON.write(records, to: &$0) }
        }
    }

    /// What is known of one height, while it is among the verdicts at hand.
    private static func confidence(_ call: RPCCall, _ height: UInt64) {
        call.server.ask(
            .receipts(count: receiptsMax),
            {
                if case .receipts(let records) = $0 { records } else { nil }
            },
            then: { result in
                guard let records = call.value(result) else { return }
                guard let record = records.last(where: { $0.height == height }) else {
                    return call.fail(
                        .application("das: height \(height) is not among the newest verdicts"))
                }
                call.reply { SamplingRecordJSON.write(record, to: &$0) }
            })
    }

    /// The samples of a height as one document that is checked without this node.
    private static func export(_ call: RPCCall, _ height: UInt64) {
        call.server.ask(
            .evidence(height: height),
            {
                if case .evidence(let evidence) = $0 { evidence } else { nil }
            },
            then: { (result: Result<SamplingEvidence, RPCFault>) in
                guard let evidence = call.value(result) else { return }
                call.server.header(height) { result in
                    guard let header = call.value(result) else { return }
                    do {
                        let receipt = try evidence.receipt(under: header)
                        try receipt.verify(trusting: header.hash)
                        call.reply { SamplingReceiptJSON.write(receipt, to: &$0) }
                    } catch {
                        call.fail(.application("das: the samples of height \(height): \(error)"))
                    }
                }
            })
    }

    private static func statistics(
        _ call: RPCCall, then: @escaping (SamplingStatistics) -> Void
    ) {
        call.server.ask(
            .sampling,
            {
                if case .sampling(let statistics) = $0 { statistics } else { nil }
            },
            then: { result in
                if let statistics = call.value(result) { then(statistics) }
            })
    }
}
