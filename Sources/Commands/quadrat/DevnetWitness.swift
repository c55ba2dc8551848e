// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// What a node of a devnet says of itself and of others, as its users may ask it.
extension DevnetNetwork.Node {
    /// A verdict of sampling and who gave its samples.
    struct Verdict {
        let height: UInt64
        let isAvailable: Bool
        let givers: [String]
    }

    /// Its peer id.
    var identifier: String {
        peer.split(separator: "/").last.map { String($0) } ?? peer
    }

    /// Asks it; what goes wrong is told with its name.
    func asked<Value>(
        _ question: (RPCClient) throws(RPCClientFault) -> Value
    ) throws(CommandFault) -> Value {
        do throws(RPCClientFault) {
            return try question(rpc)
        } catch {
            throw .failed("\(name): \(error)")
        }
    }

    /// The peers that it refuses.
    func blockedPeers() throws(CommandFault) -> [String] {
        let answer = try asked { rpc throws(RPCClientFault) in
            try rpc.call("p2p.ListBlockedPeers")
        }
        return (answer.elements ?? []).compactMap(\.text)
    }

    /// Its newest verdicts, at most so many.
    func verdicts(_ count: Int) throws(CommandFault) -> [Verdict] {
        let answer = try asked { rpc throws(RPCClientFault) in
            try rpc.call("das.Receipts") { $0.number(count) }
        }
        return (answer.member("blocks")?.elements ?? []).compactMap { block in
            guard let height = block.member("height")?.integer(UInt64.self),
                let state = block.member("state")?.text
            else { return nil }
            let samples = block.member("samples")?.elements ?? []
            return Verdict(
                height: height, isAvailable: state == "available",
                givers: samples.compactMap { $0.member("peer")?.text })
        }
    }

    /// Its metrics by name and labels, as the page has them.
    func metrics() throws(CommandFault) -> [String: Int] {
        let page = try asked { rpc throws(RPCClientFault) in try rpc.page("/metrics") }
        var metrics: [String: Int] = [:]
        for line in page.split(separator: UInt8(ascii: "\n")) where line.first != 0x23 {
            guard let space = line.lastIndex(of: UInt8(ascii: " ")) else { continue }
            let value = String(decoding: line[line.index(after: space)...], as: UTF8.self)
            metrics[String(decoding: line[..<space], as: UTF8.self)] = Int(value)
        }
        return metrics
    }

    /// The height of the block that it says is proven wrong.
    func refusedHeight() throws(CommandFault) -> UInt64? {
        let report = try asked { rpc throws(RPCClientFault) in try NodeReport.fetch(rpc) }
        return report.page.member("fraud")?.member("height")?.integer(UInt64.self)
    }

    /// Whether `/readyz` says that it can do its work.
    func isReady() throws(CommandFault) -> Bool {
        do throws(RPCClientFault) {
            _ = try rpc.page("/readyz")
            return true
        } catch {
            if case .answer(status: 503, _) = error { return false }
            throw .failed("\(name): \(error)")
        }
    }

    /// The proofs of wrong encoding that it gives.
    func proofsOfFraud() throws(CommandFault) -> [BadEncodingProof] {
        let answer = try asked { rpc throws(RPCClientFault) in
            try rpc.call("fraud.Get") { $0.string("badencodingv0.1") }
        }
        do throws(DecodeFault) {
            var proofs: [BadEncodingProof] = []
            for element in answer.elements ?? [] {
                let bytes = try Base64.decode(element.member("data")?.text ?? "")
                proofs.append(try BadEncodingProof(protobuf: bytes))
            }
            return proofs
        } catch {
            throw .failed("\(name): fraud.Get: \(error)")
        }
    }
}

/// A line that a node of a devnet wrote into its log.
struct DevnetLogLine {
    /// The longest log that is read.
    private static let sizeMax = 64 << 20

    let time: Timestamp
    let event: String
    let fields: JSONNode

    /// The lines of a log in JSON; those that are none are passed over.
    static func read(_ path: String) throws(CommandFault) -> [DevnetLogLine] {
        let bytes = try UserFiles.read(path, limit: sizeMax)
        var lines: [DevnetLogLine] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            do throws(DecodeFault) {
                let fields = try JSONParser.parse([UInt8](line))
                guard let time = fields.member("time")?.text,
                    let event = fields.member("event")?.text
                else { continue }
                lines.append(
                    DevnetLogLine(time: try Timestamp(text: time), event: event, fields: fields))
            } catch {
                continue
            }
        }
        return lines
    }
}
