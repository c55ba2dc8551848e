// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Ledger
internal import Pooling

/// The transactions of one block, as they lie on disk: `height u64`, then one length-prefixed
/// `Inclusion` message each (Protocol/wire/submission.proto).
struct InclusionList {
    static let prefix = "included/"

    let height: UInt64
    let records: [InclusionRecord]

    init(height: UInt64, records: [InclusionRecord]) {
        self.height = height
        self.records = records
    }

    init(height: UInt64, results: [TransactionResult]) {
        self.init(
            height: height,
            records: results.map { result in
                var record = InclusionRecord()
                record.transactionHash = result.hash
                record.height = height
                record.code = result.code
                record.codespace = result.fault?.codespace ?? ""
                record.log = result.fault.map { "\($0)" } ?? ""
                record.gasWanted = result.gasWanted
                record.gasUsed = result.gasUsed
                return record
            })
    }

    init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        height = try reader.bigEndian()
        var found: [InclusionRecord] = []
        while !reader.isAtEnd {
            let message = try reader.lengthPrefixed(limit: SubmissionExchange.responseLimit)
            guard case .included(let record) = try SubmissionResponse(protobuf: [UInt8](message))
            else { throw .malformed("not an inclusion", at: reader.offset) }
            found.append(record)
        }
        records = found
    }

    var record: (name: String, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        for record in records {
            bytes.append(lengthPrefixed: SubmissionResponse.included(record).protobuf)
        }
        let place = height % NodeLimits.inclusionBlocks
        return (Self.prefix + "\(place)", bytes)
    }
}
