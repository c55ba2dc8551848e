// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
package import Bytes
package import Chain
package import DataSquare
package import Ledger
package import Pooling

/// A square that this node has extended itself, with what follows from that.
package struct CertifiableSquare: Sendable {
    /// The square.
    package let square: CommittedSquare
    /// Its sidecar.
    package let sidecar: EncodingSidecar
    /// That it was extended; nil of one that was extended wrongly on purpose.
    package let proof: ReencodedSquare?
}

/// What a block's transactions are put into effect on.
package struct ExecutionContext: Sendable {
    /// The state after the block before it.
    package let state: LedgerState
    /// The chain's rules.
    package let rules: LedgerRules
    /// The block's header.
    package let header: BlockHeader
    /// The widest original square.
    package let widthMaximum: Int
    /// The version of the state machine.
    package let appVersion: UInt64
}

/// What a block's transactions led to.
package struct BlockExecution: Sendable {
    /// The state after them.
    package let state: LedgerState
    /// What the next header commits to.
    package let resultsHash: Bytes32
    /// What became of each.
    package let records: [InclusionRecord]

    init(height: UInt64, state: LedgerState, results: [TransactionResult]) {
        self.state = state
        resultsHash = TransactionResult.root(results)
        records = InclusionList(height: height, results: results).records
    }
}

/// The work of a committee's member.
extension Job {
    static func extended(_ square: OriginalDataSquare, _ misencoding: Misencoding?) -> JobResult {
        if let misencoding {
            let square = CommittedSquare(misencoding.extended(square))
            return .extended(
                CertifiableSquare(
                    square: square,
                    sidecar: EncodingSidecar(of: square.square, dataRoot: square.header.dataRoot),
                    proof: nil))
        }
        let (committed, proof) = ReencodedSquare.extending(square)
        return .extended(
            CertifiableSquare(
                square: committed,
                sidecar: EncodingSidecar(
                    of: committed.square, dataRoot: committed.header.dataRoot), proof: proof))
    }

    /// The square of a block that was kept on disk.
    static func extended(width: Int, _ bytes: [UInt8]) -> JobResult {
        do throws(SquareFault) {
            return extended(try OriginalDataSquare(width: width, bytes: bytes), nil)
        } catch {
            return .notASquare
        }
    }

    static func verified(_ rows: [HalfLine], _ roots: DataAvailabilityHeader) -> JobResult {
        var held: [VerifiedHalfLine] = []
        for row in rows {
            do throws(VerificationFault) {
                held.append(try row.verify(against: roots))
            } catch {
                return .rowsVerified(held, lied: true)
            }
        }
        return .rowsVerified(held, lied: false)
    }

    /// The square of k rows, extended anew; `notASquare` where it has other roots.
    static func rebuilt(
        _ rows: [VerifiedHalfLine], _ roots: DataAvailabilityHeader
    ) -> JobResult {
        do throws(SquareFault) {
            let original = try OriginalDataSquare(
                width: roots.originalWidth, leftHalves: rows.map { ($0.index, $0.bytes) })
            let result = extended(original, nil)
            guard case .extended(let square) = result, square.square.header == roots else {
                return .notASquare
            }
            return result
        } catch {
            return .notASquare
        }
    }

    /// Reads a block's transactions, lays them out again, and puts them into effect.
    static func executed(
        _ square: OriginalDataSquare, _ context: ExecutionContext
    ) -> JobResult {
        do {
            let contents = try SquareParser.contents(of: square)
            guard contents.payForFibre.isEmpty else {
                return .unexecutable("it pays for data outside of the square")
            }
            let entries =
                contents.transactions.map { SquareEntry.plain($0) }
                + contents.blobTransactions.map { SquareEntry.blob($0) }
            let built = try SquareBuilder.construct(
                entries, sizeMaximum: context.widthMaximum, appVersion: context.appVersion)
            guard built.square == square else {
                return .unexecutable("its square is not that of its transactions")
            }
            let transition = LedgerTransition(rules: context.rules)
            let block = try transition.read(
                block: contents.transactions, contents.blobTransactions)
            var state = context.state
            let results = try transition.apply(
                block, of: context.header, width: 2 * square.width, to: &state)
            return .executed(
                BlockExecution(
                    height: context.header.height.value, state: state, results: results))
        } catch {
            return .unexecutable("\(error)")
        }
    }
}
