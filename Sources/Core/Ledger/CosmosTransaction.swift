// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A transaction as Cosmos chains carry it, with the exact bytes that were signed.
///
/// Wire form: `TxRaw {bytes body_bytes=1; bytes auth_info_bytes=2; repeated bytes signatures=3}`,
/// which must be canonical, so that nobody can change a transaction's bytes without its signature.
public struct CosmosTransaction: Hashable, Sendable {
    /// The largest transaction, with its blobs.
    public static let sizeLimit = 8 << 20
    /// The most signatures that are read.
    public static let signatureLimit = 8
    /// The largest signature that is read.
    public static let signatureSizeLimit = 4096

    /// The body as it was signed.
    public let bodyBytes: [UInt8]
    /// The authorization as it was signed.
    public let authorizationBytes: [UInt8]
    /// The signatures, one for each signer.
    public let signatures: [[UInt8]]
    /// The body, read.
    public let body: TransactionBody
    /// The authorization, read.
    public let authorization: TransactionAuthorization

    /// A transaction whose signatures are yet to be made.
    public init(
        body: TransactionBody, authorization: TransactionAuthorization,
        signatures: [[UInt8]] = []
    ) {
        self.body = body
        self.authorization = authorization
        self.signatures = signatures
        bodyBytes = body.protobuf
        authorizationBytes = authorization.protobuf
    }

    /// Reads the wire form; larger, unordered, repeated or unknown fields are refused.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> CosmosTransaction {
        guard bytes.count <= sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "transaction", limit: sizeLimit, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var body: ArraySlice<UInt8> = []
        var authorization: ArraySlice<UInt8> = []
        var signatures: [[UInt8]] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: body = try field.bytes()
            case 2: authorization = try field.bytes()
            case 3: try append(field, to: &signatures)
            default: throw field.unknown
            }
        }
        let transaction = CosmosTransaction(
            bodyBytes: [UInt8](body), authorizationBytes: [UInt8](authorization),
            signatures: signatures, body: try TransactionBody(protobuf: body),
            authorization: try TransactionAuthorization(protobuf: authorization))
        guard transaction.encode() == bytes else {
            throw .malformed("a transaction that is not canonical")
        }
        return transaction
    }

    private init(
        bodyBytes: [UInt8], authorizationBytes: [UInt8], signatures: [[UInt8]],
        body: TransactionBody, authorization: TransactionAuthorization
    ) {
        self.bodyBytes = bodyBytes
        self.authorizationBytes = authorizationBytes
        self.signatures = signatures
        self.body = body
        self.authorization = authorization
    }

    private static func append(
        _ field: ProtobufField, to signatures: inout [[UInt8]]
    ) throws(DecodeFault) {
        let signature = try field.bytes()
        guard signatures.count < signatureLimit, signature.count <= signatureSizeLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "signatures", limit: signatureSizeLimit, actual: signature.count),
                at: field.offset)
        }
        signatures.append([UInt8](signature))
    }

    /// The wire form.
    public func encode() -> [UInt8] {
        var writer = ProtobufWriter(
            capacity: bodyBytes.count + authorizationBytes.count + 80 * signatures.count + 16)
        writer.bytes(1, bodyBytes)
        writer.bytes(2, authorizationBytes)
        for signature in signatures { writer.presentBytes(3, signature) }
        return writer.bytes
    }

    /// What a signer of the direct mode signs: `SignDoc {bytes body_bytes=1; bytes
    /// auth_info_bytes=2; string chain_id=3; uint64 account_number=4}`.
    public func signDocument(chainID: String, accountNumber: UInt64) -> [UInt8] {
        var writer = ProtobufWriter(
            capacity: bodyBytes.count + authorizationBytes.count + 80)
        writer.bytes(1, bodyBytes)
        writer.bytes(2, authorizationBytes)
        writer.string(3, chainID)
        writer.varint(4, accountNumber)
        return writer.bytes
    }

    /// This transaction with other signatures.
    public func signed(by signatures: [[UInt8]]) -> CosmosTransaction {
        CosmosTransaction(
            bodyBytes: bodyBytes, authorizationBytes: authorizationBytes,
            signatures: signatures, body: body, authorization: authorization)
    }

    /// The name of a transaction: SHA-256 of its wire form without blobs.
    public var hash: Bytes32 { SHA256.hash(encode()) }
}
