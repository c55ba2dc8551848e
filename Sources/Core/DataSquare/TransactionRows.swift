// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a square's transactions say, read from the rows that they stand in and from no other.
///
/// The roots tell which rows those are: every row whose root leaves room for a namespace of
/// transactions. With all of them at hand, each verified whole, nothing of these namespaces can be
/// missing. The blobs themselves stand elsewhere; of them only places are known.
/// Specified in Protocol/24-attestation.md#transaction-rows.
public struct TransactionRows: Hashable, Sendable {
    /// Transactions that pay for no blobs.
    public let transactions: [[UInt8]]
    /// Transactions that pay for blobs, with the blobs' places.
    public let wrappers: [IndexWrapper]
    /// Transactions that pay for data outside of the square.
    public let payForFibre: [[UInt8]]
    /// The shares that they take, from the square's first one on, one after the other.
    public let shares: [UInt8]
    /// How many these are.
    public var shareCount: Int { shares.count / Share.sizeBytes }

    /// The rows that have to be read, rising.
    public static func indexes(in roots: DataAvailabilityHeader) -> [Int] {
        (0..<roots.originalWidth).filter { row in
            let root = roots.root(of: .row, row)
            return Namespace.ofTransactions.contains { root.covers($0) }
        }
    }

    /// Reads them; lines that are not among those rows are passed over.
    ///
    /// - Throws: `TransactionRowsFault`, of which all but `missing` and `line` speak against the
    ///   square and not against whoever gave its rows.
    public init(
        _ lines: [HalfLine], against roots: DataAvailabilityHeader
    ) throws(TransactionRowsFault) {
        var bytes: [UInt8] = []
        let rows = Self.indexes(in: roots)
        guard rows == Array(0..<rows.count) else {
            throw .form(.malformed("transactions do not come first"))
        }
        for row in rows {
            guard let line = lines.first(where: { $0.line == AxisLine(.row, row) }) else {
                throw .missing(row: row)
            }
            do throws(VerificationFault) {
                _ = try line.shares(against: roots)
            } catch {
                throw .line(row: row, error)
            }
            bytes += line.bytes
        }
        do throws(DecodeFault) {
            let views = try ShareViews(flat: bytes[...])
            var cursor = 0
            transactions = try SquareParser.units(of: .transactions, in: views, from: &cursor)
            var wrappers: [IndexWrapper] = []
            for unit in try SquareParser.units(of: .payForBlobs, in: views, from: &cursor) {
                wrappers.append(try IndexWrapper.decode(unit))
            }
            self.wrappers = wrappers
            payForFibre = try SquareParser.units(of: .payForFibre, in: views, from: &cursor)
            shares = Array(bytes.prefix(cursor * Share.sizeBytes))
            for index in cursor..<views.count
            where ShareHeader(of: views[index]).namespace.isCompact {
                throw DecodeFault.malformed("transactions stand behind others")
            }
        } catch {
            throw .form(error)
        }
    }
}

/// Why transactions cannot be read from rows.
public enum TransactionRowsFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A row that the roots call for is not there.
    case missing(row: Int)
    /// A row is not the committed one.
    case line(row: Int, VerificationFault)
    /// The square's transactions break the form.
    case form(DecodeFault)

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .missing(let row): "row \(row) is not there"
        case .line(let row, let fault): "row \(row): \(fault)"
        case .form(let fault): "\(fault)"
        }
    }
}

extension Namespace {
    /// The namespaces whose shares are transactions.
    static let ofTransactions: [Namespace] = [.transactions, .payForBlobs, .payForFibre]
}
