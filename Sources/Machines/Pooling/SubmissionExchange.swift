// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What a node asks of a validator on the submission protocol: one request a stream.
///
/// Specified in Protocol/11-submission.md and Protocol/wire/quadrat/submission.proto.
package enum SubmissionRequest: Hashable, Sendable {
    /// Take this transaction into the pool: the raw bytes of a BlobTx or a plain transaction.
    case submit([UInt8])
    /// Tell what became of the transaction with this hash; answered when it is known, or after
    /// `SubmissionExchange.patienceMilliseconds`.
    case status(Bytes32)
    /// Tell number, sequence and balance of the account with this address.
    case account(Bytes20)

    /// The message as it goes over the wire, without a length prefix.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .submit(let transaction): writer.presentBytes(1, transaction)
        case .status(let hash): writer.bytes(2, hash)
        case .account(let address): writer.bytes(3, address)
        }
        return writer.bytes
    }

    /// Reads a message that fills `bytes`; exactly one of the kinds must be there.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var request: SubmissionRequest?
        while let field = try reader.next() {
            guard request == nil else {
                throw .malformed("more than one request in a message", at: field.offset)
            }
            switch field.number {
            case 1: request = .submit([UInt8](try field.bytes()))
            case 2: request = .status(try field.fixed())
            case 3: request = .account(try field.fixed())
            default: throw .malformed("unknown request \(field.number)", at: field.offset)
            }
        }
        guard let request else { throw .malformed("no request in the message") }
        self = request
    }
}

/// What a validator answers on the submission protocol.
package enum SubmissionResponse: Hashable, Sendable {
    /// The transaction is in the pool, or was already.
    case pending(Bytes32)
    /// The transaction is in a stored block.
    case included(InclusionRecord)
    /// The transaction was refused, with the code and text that clients know.
    case refused(code: UInt32, codespace: String, log: String)
    /// The validator knows no transaction with that hash.
    case unknown
    /// The account as the pool sees it: its waiting transactions are counted in the sequence.
    case account(AccountRecord)

    /// The message as it goes over the wire, without a length prefix.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .pending(let hash):
            writer.bytes(1, hash)
        case .included(let record):
            writer.message(2) {
                $0.bytes(1, record.transactionHash)
                $0.varint(2, record.height)
                $0.varint(3, UInt64(record.code))
                $0.string(4, record.codespace)
                $0.string(5, record.log)
                $0.varint(6, record.gasWanted)
                $0.varint(7, record.gasUsed)
            }
        case .refused(let code, let codespace, let log):
            writer.message(3) {
                $0.varint(1, UInt64(code))
                $0.string(2, codespace)
                $0.string(3, log)
            }
        case .unknown:
            writer.presentBytes(4, [])
        case .account(let record):
            writer.message(5) {
                $0.bool(1, record.exists)
                $0.varint(2, record.number)
                $0.varint(3, record.sequence)
                $0.varint(4, record.balance)
            }
        }
        return writer.bytes
    }

    /// Reads a message that fills `bytes`; exactly one of the kinds must be there.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var response: SubmissionResponse?
        while let field = try reader.next() {
            guard response == nil else {
                throw .malformed("more than one response in a message", at: field.offset)
            }
            switch field.number {
            case 1: response = .pending(try field.fixed())
            case 2: response = .included(try InclusionRecord(fields: try field.message()))
            case 3: response = try Self.refusal(try field.message())
            case 4: response = .unknown
            case 5: response = .account(try AccountRecord(fields: try field.message()))
            default: throw .malformed("unknown response \(field.number)", at: field.offset)
            }
        }
        guard let response else { throw .malformed("no response in the message") }
        self = response
    }

    private static func refusal(
        _ message: ProtobufReader
    ) throws(DecodeFault) -> SubmissionResponse {
        var reader = message
        var code: UInt32 = 0
        var codespace = ""
        var log = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: code = try field.varint32()
            case 2: codespace = try field.string(limit: SubmissionExchange.textLimit)
            case 3: log = try field.string(limit: SubmissionExchange.textLimit)
            default: break
            }
        }
        return .refused(code: code, codespace: codespace, log: log)
    }
}

/// Where a transaction came to stand.
package struct InclusionRecord: Hashable, Sendable {
    /// SHA-256 of the transaction without its blobs.
    package var transactionHash = Bytes32()
    /// The block's height.
    package var height: UInt64 = 0
    /// 0 when it was carried out.
    package var code: UInt32 = 0
    /// Which module the code belongs to.
    package var codespace = ""
    /// Why it was not carried out.
    package var log = ""
    /// The gas that its fee pays for.
    package var gasWanted: UInt64 = 0
    /// The gas that it took.
    package var gasUsed: UInt64 = 0

    /// An empty record to be filled.
    package init() {}

    fileprivate init(fields: ProtobufReader) throws(DecodeFault) {
        var reader = fields
        while let field = try reader.next() {
            switch field.number {
            case 1: transactionHash = try field.fixed()
            case 2: height = try field.varint()
            case 3: code = try field.varint32()
            case 4: codespace = try field.string(limit: SubmissionExchange.textLimit)
            case 5: log = try field.string(limit: SubmissionExchange.textLimit)
            case 6: gasWanted = try field.varint()
            case 7: gasUsed = try field.varint()
            default: break
            }
        }
    }
}

/// An account as a validator's pool sees it.
package struct AccountRecord: Hashable, Sendable {
    /// Whether the chain knows the account.
    package var exists = false
    /// The account's number, which signatures cover.
    package var number: UInt64 = 0
    /// The sequence that its next transaction must carry.
    package var sequence: UInt64 = 0
    /// What it holds, in the chain's smallest unit.
    package var balance: UInt64 = 0

    /// An empty record to be filled.
    package init() {}

    fileprivate init(fields: ProtobufReader) throws(DecodeFault) {
        var reader = fields
        while let field = try reader.next() {
            switch field.number {
            case 1: exists = try field.bool()
            case 2: number = try field.varint()
            case 3: sequence = try field.varint()
            case 4: balance = try field.varint()
            default: break
            }
        }
    }
}

/// Names and limits of the submission protocol.
package enum SubmissionExchange {
    /// The largest request: a BlobTx of 8 MiB in its message; `submission.requestMax`.
    package static let requestLimit = 8_388_608 + 64
    /// The largest answer; `submission.responseMax`.
    package static let responseLimit = 4_096
    /// The longest text in an answer.
    package static let textLimit = 1_024
    /// How long a status request may wait for news; `submission.patienceMilliseconds`.
    package static let patienceMilliseconds: UInt64 = 5_000

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/submit/v0.0.1"
    }

    /// The id under which a node that is no validator takes the same requests and passes them on.
    ///
    /// It passes them to validators only, so that no request goes round in a circle.
    package static func relayProtocolID(network: String) -> String {
        "/\(network)/quadrat/submit-relay/v0.0.1"
    }
}
