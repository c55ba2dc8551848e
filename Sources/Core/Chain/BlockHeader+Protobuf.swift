// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The wire form `tendermint.types.Header`, fields 1 to 14 in the order of the properties.
extension BlockHeader {
    /// Reads the wire form; missing fields are empty, values beyond their limits are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(
            blockVersion: 0, appVersion: 0, chainID: "", height: Height(0), time: .zero,
            lastBlockID: .none, lastCommitHash: nil, dataHash: nil, validatorsHash: nil,
            nextValidatorsHash: nil, consensusHash: nil, appHash: [], lastResultsHash: nil,
            evidenceHash: nil, proposerAddress: nil)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try readVersion(field)
            case 2: chainID = try field.string(limit: Self.chainIDLimit)
            case 3: height = try Height(decoding: try field.signed(), at: field.offset)
            case 4: time = try Timestamp(protobuf: try field.bytes())
            case 5: lastBlockID = try BlockID(protobuf: try field.bytes())
            case 11: appHash = try Self.appHash(field)
            case 14: proposerAddress = try field.optionalAddress()
            default: try readDigest(field)
            }
        }
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 512)
        writer.presentBytes(1, versionProtobuf)
        writer.string(2, chainID)
        writer.signed(3, height.signed)
        writer.presentBytes(4, time.protobuf)
        writer.presentBytes(5, lastBlockID.protobuf)
        writer.digest(6, lastCommitHash)
        writer.digest(7, dataHash)
        writer.digest(8, validatorsHash)
        writer.digest(9, nextValidatorsHash)
        writer.digest(10, consensusHash)
        writer.bytes(11, appHash)
        writer.digest(12, lastResultsHash)
        writer.digest(13, evidenceHash)
        writer.bytes(14, proposerAddress?.array ?? [])
        return writer.bytes
    }

    private mutating func readVersion(_ field: ProtobufField) throws(DecodeFault) {
        var version = try field.message()
        while let field = try version.next() {
            switch field.number {
            case 1: blockVersion = try field.varint()
            case 2: appVersion = try field.varint()
            default: break
            }
        }
    }

    private mutating func readDigest(_ field: ProtobufField) throws(DecodeFault) {
        switch field.number {
        case 6: lastCommitHash = try field.optionalDigest()
        case 7: dataHash = try field.optionalDigest()
        case 8: validatorsHash = try field.optionalDigest()
        case 9: nextValidatorsHash = try field.optionalDigest()
        case 10: consensusHash = try field.optionalDigest()
        case 12: lastResultsHash = try field.optionalDigest()
        case 13: evidenceHash = try field.optionalDigest()
        default: break
        }
    }

    private static func appHash(_ field: ProtobufField) throws(DecodeFault) -> [UInt8] {
        let value = try field.bytes()
        guard value.count <= appHashLimit else {
            throw DecodeFault(
                .overLimit(field: "app hash", limit: appHashLimit, actual: value.count),
                at: field.offset)
        }
        return [UInt8](value)
    }
}

extension ProtobufField {
    func optionalAddress() throws(DecodeFault) -> Bytes20? {
        try bytes().isEmpty ? nil : try fixed()
    }
}
