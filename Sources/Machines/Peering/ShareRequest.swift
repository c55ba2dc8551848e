// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// A question on the share exchange: the raw id of a piece of a square, nothing else.
package enum ShareRequest: Hashable, Sendable {
    /// One share with its proof.
    case sample(SampleID)
    /// One row.
    case row(RowID)
    /// All shares of a namespace, with proofs.
    case namespaceData(NamespaceDataID)
    /// A run of shares of the original square.
    case range(RangeNamespaceDataID)
    /// The original square.
    case square(SquareID)

    /// The kinds of question, each with a protocol of its own.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case sample = "sample_v0"
        case row = "row_v0"
        case namespaceData = "nd_v0"
        case range = "rangeNamespaceData_v0"
        case square = "eds_v0"

        /// The bytes of a question.
        package var requestSize: Int {
            switch self {
            case .sample: SampleID.sizeBytes
            case .row: RowID.sizeBytes
            case .namespaceData: NamespaceDataID.sizeBytes
            case .range: RangeNamespaceDataID.sizeBytes
            case .square: SquareID.sizeBytes
            }
        }
    }

    /// Which protocol it belongs to.
    package var kind: Kind {
        switch self {
        case .sample: .sample
        case .row: .row
        case .namespaceData: .namespaceData
        case .range: .range
        case .square: .square
        }
    }

    /// The height that is asked about.
    package var height: UInt64 {
        switch self {
        case .sample(let id): id.height
        case .row(let id): id.height
        case .namespaceData(let id): id.height
        case .range(let id): id.height
        case .square(let id): id.height
        }
    }

    /// The rows that it can be answered from; none where rows are not enough.
    package func rows(of header: DataAvailabilityHeader) -> [Int] {
        switch self {
        case .sample(let id): [Int(id.row)]
        case .row(let id): [Int(id.row)]
        case .namespaceData(let id): header.rows(covering: id.namespace)
        case .range, .square: []
        }
    }

    /// The bytes of the stream.
    package func encode() -> [UInt8] {
        switch self {
        case .sample(let id): id.encode()
        case .row(let id): id.encode()
        case .namespaceData(let id): id.encode()
        case .range(let id): id.encode()
        case .square(let id): id.encode()
        }
    }

    /// Reads the bytes of a stream; what Celestia resets a stream for is a fault.
    package init(decoding bytes: [UInt8], kind: Kind) throws(DecodeFault) {
        switch kind {
        case .sample: self = .sample(try SampleID(decoding: bytes))
        case .row: self = .row(try RowID(decoding: bytes))
        case .namespaceData: self = .namespaceData(try NamespaceDataID(decoding: bytes))
        case .range: self = .range(try RangeNamespaceDataID(decoding: bytes))
        case .square: self = .square(try SquareID(decoding: bytes))
        }
    }
}
