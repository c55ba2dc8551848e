// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// Names, limits and messages of go-fraud's exchange, by which a node asks another for the proofs of
/// fraud that it holds.
///
/// A question and an answer are one message each, behind its length as a varint. Specified in
/// Protocol/14-encoding-fraud.md#fraud-exchange.
package enum FraudExchange {
    /// The one kind of proof: that a row or column is no codeword.
    package static let badEncoding = "badencodingv0.1"
    /// The largest question.
    package static let requestLimit = 1_024
    /// The most kinds of proof that a question names.
    package static let typesMax = 16
    /// The most proofs in an answer.
    package static let proofsMax = 4
    /// The largest answer: one proof of the largest size, or several smaller ones.
    package static let answerLimit = (2 << 20) + 1_024

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String { "/\(network)/fraud/v0.0.1" }

    /// What a node gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .lengthPrefixed(limit: requestLimit))
        limits.perPeer = RateLimit(perSecond: 1, burst: 8)
        limits.streamsPerPeer = 2
        return limits
    }

    /// `FraudMessageRequest { repeated string RequestedProofType = 1 }`.
    package static func encodeRequest(types: [String] = [badEncoding]) -> [UInt8] {
        var writer = ProtobufWriter()
        for type in types { writer.presentBytes(1, Array(type.utf8)) }
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// Reads a question: the kinds of proof that are asked for.
    package static func decodeRequest(_ bytes: [UInt8]) throws(DecodeFault) -> [String] {
        var types: [String] = []
        var reader = try message(bytes, limit: requestLimit)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            try check(types.count + 1, "types", limit: typesMax, field)
            types.append(try field.string(limit: 64))
        }
        return types
    }

    /// `FraudMessageResponse { repeated ProofResponse { string Type = 1; repeated bytes Value = 2 }
    /// = 1 }`; without proofs it has no entry.
    package static func encodeAnswer(_ proofs: [[UInt8]]) -> [UInt8] {
        var writer = ProtobufWriter()
        if !proofs.isEmpty {
            writer.message(1) { nested in
                nested.presentBytes(1, Array(badEncoding.utf8))
                for proof in proofs.prefix(proofsMax) { nested.presentBytes(2, proof) }
            }
        }
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// Reads an answer: the proofs of bad encoding in it, undecoded; other kinds are passed over.
    package static func decodeAnswer(_ bytes: [UInt8]) throws(DecodeFault) -> [[UInt8]] {
        var proofs: [[UInt8]] = []
        var reader = try message(bytes, limit: answerLimit)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            var type = ""
            var values: [[UInt8]] = []
            var entry = try field.message()
            while let part = try entry.next() {
                switch part.number {
                case 1: type = try part.string(limit: 64)
                case 2:
                    try check(
                        proofs.count + values.count + 1, "proofs", limit: proofsMax, part)
                    values.append(Array(try part.bytes()))
                default: break
                }
            }
            if type == badEncoding { proofs += values }
        }
        return proofs
    }

    private static func message(
        _ bytes: [UInt8], limit: Int
    ) throws(DecodeFault) -> ProtobufReader {
        var whole = ByteReader(bytes)
        let message = try whole.lengthPrefixed(limit: limit, field: "message")
        try whole.finish()
        return ProtobufReader(message)
    }

    private static func check(
        _ count: Int, _ name: String, limit: Int, _ field: ProtobufField
    ) throws(DecodeFault) {
        guard count <= limit else {
            throw DecodeFault(
                .overLimit(field: name, limit: limit, actual: count), at: field.offset)
        }
    }
}
