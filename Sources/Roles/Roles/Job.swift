// SPDX-License-Identifier: Apache-2.0

package import Agreement
package import Availability
internal import Bytes
internal import Chain
package import DataSquare
package import Ledger
package import Pooling
package import StateTree

/// Work that burns CPU and therefore leaves the loop: pure functions, by name.
package enum Job: Sendable {
    /// Extend a square and commit to it; `misencoded` does it wrongly, to see others find out.
    case commit(OriginalDataSquare, misencoded: Misencoding?)
    /// Extend the square that came for a data root and compare.
    case checkSquare([UInt8], DataAvailabilityHeader)
    /// See whether shares of a suspect line prove that it is wrongly encoded.
    case searchFraud(BlockRoots, SuspectLine, [VerifiedSample])
    /// See whether somebody's proof of bad encoding holds.
    case verifyFraud(BadEncodingProof, BlockRoots)
    /// Read a transaction and recompute its blobs' commitments.
    case readTransaction([UInt8], LedgerRules)
    /// Prove everything that namespaces have in a square.
    case pin(CommittedSquare, [Namespace])
    /// Compare rows that are what their roots say with the sidecar that the header binds.
    case checkRows([Row], EncodingSidecar, DataAvailabilityHeader)
    /// Rebuild a square from pieces that were verified under its roots.
    case repair(SquarePieces, DataAvailabilityHeader)
    /// Extend a block of one's own.
    case extendOwn(OriginalDataSquare, misencoded: Misencoding?)
    /// Extend the square of these bytes.
    case extend([UInt8], width: Int)
    /// See which rows are what the roots say.
    case verifyRows([HalfLine], DataAvailabilityHeader)
    /// Rebuild a square from k verified rows, extend it anew and compare.
    case rebuild([VerifiedHalfLine], DataAvailabilityHeader)
    /// Put the transactions of a square into effect.
    case execute(OriginalDataSquare, ExecutionContext)
    /// See which signatures of a committee's members hold.
    case verifyStatements([SignatureClaim], chainID: String)
    /// See what a snapshot of a ledger consists of.
    case snapshotManifest(LedgerState)
    /// Make a chunk of it.
    case snapshotChunk(LedgerState, SnapshotManifest, Int)

    /// Does the work; on any thread.
    package func run() -> JobResult {
        switch self {
        case .commit(let square, let misencoding):
            let extended =
                misencoding?.extended(square) ?? ExtendedDataSquare(extending: square)
            return Self.committed(CommittedSquare(extended))
        case .checkSquare(let bytes, let header):
            return Self.check(bytes, against: header)
        case .searchFraud(let block, let line, let samples):
            return .fraud(
                BadEncodingProof.make(
                    headerHash: block.hash.array, height: block.height, axis: line.axis,
                    index: line.index, samples: samples, header: block.roots))
        case .verifyFraud(let proof, let block):
            do throws(VerificationFault) {
                try proof.verify(height: block.height, header: block.roots)
                return .fraudVerdict(holds: true)
            } catch {
                return .fraudVerdict(holds: false)
            }
        case .readTransaction(let bytes, let rules):
            do throws(LedgerFault) {
                return .transaction(.success(try Self.read(bytes, rules)))
            } catch {
                return .transaction(.failure(error))
            }
        case .pin(let square, let namespaces):
            return .pins(Self.pins(square, namespaces))
        case .checkRows(let rows, let sidecar, let header):
            return .rowsChecked(disagreeing: Self.disagreeing(rows, sidecar, header))
        case .repair(let pieces, let header):
            return pieces.repaired(header)
        case .extendOwn(let square, let misencoding):
            return Self.extended(square, misencoding)
        case .extend(let bytes, let width):
            return Self.extended(width: width, bytes)
        case .verifyRows(let rows, let roots):
            return Self.verified(rows, roots)
        case .rebuild(let rows, let roots):
            return Self.rebuilt(rows, roots)
        case .execute(let square, let context):
            return Self.executed(square, context)
        case .verifyStatements(let claims, let chainID):
            return .statementsVerified(
                claims.map { $0.signed.isValid(by: $0.key, chainID: chainID) })
        case .snapshotManifest(let state):
            do throws(LedgerFault) {
                return .snapshotManifest(.success(try state.snapshotManifest()))
            } catch {
                return .snapshotManifest(.failure(error))
            }
        case .snapshotChunk(let state, let manifest, let number):
            do throws(LedgerFault) {
                return .snapshotChunk(try state.snapshotChunk(number, of: manifest))
            } catch {
                return .snapshotChunk(nil)
            }
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

    static func committed(_ square: CommittedSquare) -> JobResult {
        .committed(
            square, EncodingSidecar(of: square.square, dataRoot: square.header.dataRoot))
    }

    private static func check(
        _ bytes: [UInt8], against header: DataAvailabilityHeader
    ) -> JobResult {
        do throws(SquareFault) {
            let square = try OriginalDataSquare(width: header.width / 2, bytes: bytes)
            let committed = CommittedSquare(ExtendedDataSquare(extending: square))
            if let mismatch = SquareMismatch(committed, against: header) {
                return .mismatch(mismatch)
            }
            return Self.committed(committed)
        } catch {
            // An honest square's namespaces rise, but its proposer may have committed to others.
            guard case .namespaceOrder(let axis, let index) = error else { return .notASquare }
            return .mismatch(SquareMismatch(lines: [SuspectLine(axis, index)]))
        }
    }

    /// A sidecar of another width fits no row.
    private static func disagreeing(
        _ rows: [Row], _ sidecar: EncodingSidecar, _ header: DataAvailabilityHeader
    ) -> Int? {
        guard sidecar.originalWidth == header.originalWidth else { return rows.first?.index }
        do throws(SquareFault) {
            let coefficients = try SidecarCoefficients(
                dataRoot: header.dataRoot, originalWidth: header.originalWidth)
            for row in rows where try !sidecar.agrees(row: row, coefficients: coefficients) {
                return row.index
            }
            return nil
        } catch {
            preconditionFailure("rows that were verified are the square's: \(error)")
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
    /// The square, extended and committed to, and its sidecar.
    case committed(CommittedSquare, EncodingSidecar)
    /// The square that came does not extend to the roots of its header.
    case mismatch(SquareMismatch)
    /// What came has no square's shape.
    case notASquare
    /// A proof that the shares make, if they make one.
    case fraud(BadEncodingProof?)
    /// The first of the rows that disagrees with the sidecar, if one does.
    case rowsChecked(disagreeing: Int?)
    /// Whether a proof of bad encoding holds.
    case fraudVerdict(holds: Bool)
    /// What the namespaces have.
    case pins([PinnedData])
    /// Too little is there to rebuild the square.
    case unrepairable
    /// The square's maker committed to a row or column that is no codeword.
    case wrongEncoding(Axis, index: Int)
    /// A transaction, or why it is none.
    case transaction(Result<TransactionPool.Entry, LedgerFault>)
    /// A square that this node extended.
    case extended(CertifiableSquare)
    /// Rows that hold, and whether one did not.
    case rowsVerified([VerifiedHalfLine], lied: Bool)
    /// What a block's transactions led to.
    case executed(BlockExecution)
    /// A block that must not be; the text says why.
    case unexecutable(String)
    /// Which signatures hold.
    case statementsVerified([Bool])
    /// What a snapshot consists of, or why it cannot be read.
    case snapshotManifest(Result<SnapshotManifest, LedgerFault>)
    /// A chunk, or nil where it cannot be read any more.
    case snapshotChunk([UInt8]?)
}
