// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import DataSquare
package import Ledger
package import Pooling

/// Work that burns CPU and therefore leaves the loop: pure functions, by name.
package enum Job: Sendable {
    /// Extend a square and commit to it.
    case commit(OriginalDataSquare)
    /// Extend the square that came for a data root and compare.
    case checkSquare([UInt8], DataAvailabilityHeader)
    /// Read a transaction and recompute its blobs' commitments.
    case readTransaction([UInt8], LedgerRules)
    /// Prove everything that namespaces have in a square.
    case pin(CommittedSquare, [Namespace])
    /// Rebuild a square from pieces that were verified under its roots.
    case repair(SquarePieces, DataAvailabilityHeader)

    /// Does the work; on any thread.
    package func run() -> JobResult {
        switch self {
        case .commit(let square):
            return .committed(CommittedSquare(ExtendedDataSquare(extending: square)))
        case .checkSquare(let bytes, let header):
            do throws(SquareFault) {
                let square = try OriginalDataSquare(width: header.width / 2, bytes: bytes)
                let committed = CommittedSquare(ExtendedDataSquare(extending: square))
                return committed.header == header ? .committed(committed) : .mismatch
            } catch {
                return .mismatch
            }
        case .readTransaction(let bytes, let rules):
            do throws(LedgerFault) {
                return .transaction(.success(try Self.read(bytes, rules)))
            } catch {
                return .transaction(.failure(error))
            }
        case .pin(let square, let namespaces):
            return .pins(Self.pins(square, namespaces))
        case .repair(let pieces, let header):
            return pieces.repaired(header)
        }
    }

    private static func pins(
        _ square: CommittedSquare, _ namespaces: [Namespace]
    ) -> [PinnedData] {
        let prover = SquareProver(square)
        return namespaces.map { namespace in
            do throws(VerificationFault) {
                return PinnedData(
                    namespace: namespace,
                    bytes: try prover.namespaceData(namespace).container.encode())
            } catch {
                preconditionFailure("only namespaces that hold data are pinned")
            }
        }
    }

    private static func read(
        _ bytes: [UInt8], _ rules: LedgerRules
    ) throws(LedgerFault) -> TransactionPool.Entry {
        let transition = LedgerTransition(rules: rules)
        let read = try transition.read(bytes)
        do throws(DecodeFault) {
            if let carrier = try BlobTransaction.decodeIfMarked(bytes) {
                return TransactionPool.Entry(entry: .blob(carrier), read: read)
            }
        } catch {
            preconditionFailure("bytes that were read once are read again")
        }
        return TransactionPool.Entry(entry: .plain(bytes), read: read)
    }
}

/// What came of a job.
package enum JobResult: Sendable {
    /// The square, extended and committed to.
    case committed(CommittedSquare)
    /// The square that came is not the one its header names.
    case mismatch
    /// What the namespaces have.
    case pins([PinnedData])
    /// Too little is there to rebuild the square.
    case unrepairable
    /// The square's maker committed to a row or column that is no codeword.
    case wrongEncoding(Axis, index: Int)
    /// A transaction, or why it is none.
    case transaction(Result<TransactionPool.Entry, LedgerFault>)
}
