// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Glibc
internal import Peering
internal import Roles

/// Measures on this machine what the work of a member takes.
///
/// Processor time of one thread, the median of some turns, so that others on the machine disturb
/// little. Jobs are those of the node, on the square that the run's blocks have.
package enum WorkMeasurement {
    /// What flushing a log takes, in nanoseconds: of ordinary solid-state disks, not of this one.
    private static let flush: UInt64 = 3_000_000
    /// What writing a mebibyte takes beside that, at 500 MB a second.
    private static let writtenMebibyte: UInt64 = 2_100_000

    /// The costs of a committee's blocks.
    package static func costs(of square: TimedSquare, memberCount: Int) -> WorkCosts {
        var costs = WorkCosts()
        let original = square.original
        let (width, roots) = (original.width, square.committed.header)
        costs.layout = median(5) {
            guard let contents = try? SquareParser.contents(of: original),
                let built = try? SquareBuilder.construct(
                    contents.blobTransactions.map { .blob($0) }, sizeMaximum: SquareSize.upperBound)
            else { preconditionFailure("a square of blobs is read") }
            precondition(built.square == original, "what is read is laid out alike")
        }
        costs.encoding = median(5) { _ = Job.extendOwn(original, misencoded: nil).run() }
        let plain = Array(square.rows[..<width])
        costs.rebuilding = median(5) { rebuild(plain, roots) }
        let mixed = (0..<width).map { square.rows[$0 % 2 == 0 ? $0 : width + $0] }
            .sorted { $0.index < $1.index }
        costs.repairing = median(3) { rebuild(mixed, roots) }
        let row = square.rows[0].half
        costs.rowVerification = median(25) {
            guard case .rowsVerified(_, lied: false) = Job.verifyRows([row], roots).run() else {
                preconditionFailure("a row of the square holds")
            }
        }
        costs.signatureVerification = signature()
        costs.custody = custody(memberCount, width: width)
        costs.mebibyte = mebibyte()
        (costs.flush, costs.writtenMebibyte) = (flush, writtenMebibyte)
        costs.step = step(memberCount)
        return costs
    }

    /// Nanoseconds to hash a mebibyte.
    package static func hashing() -> UInt64 {
        let bytes = [UInt8](repeating: 0x3B, count: 1 << 20)
        return median(9) { _ = SHA256.hash(bytes) }
    }

    private static func rebuild(_ rows: [VerifiedHalfLine], _ roots: DataAvailabilityHeader) {
        guard case .extended = Job.rebuild(rows, roots).run() else {
            preconditionFailure("k rows of the square give it back")
        }
    }

    private static func signature() -> UInt64 {
        let key = Ed25519PrivateKey(seed: Bytes32(repeating: 9))
        let statement = Statement.nullify(Epoch(0), .first)
        let bytes = statement.signBytes(chainID: MockBlocks.chainID, timestamp: .zero)
        let signed = SignedStatement(
            statement, place: 0, timestamp: .zero, signature: key.sign(bytes))
        return median(9) {
            for _ in 0..<16 {
                let holds = signed.isValid(
                    by: .ed25519(key.publicKey), chainID: MockBlocks.chainID)
                precondition(holds, "a signature holds")
            }
        } / 16
    }

    private static func custody(_ memberCount: Int, width: Int) -> UInt64 {
        let keys = (0..<memberCount).map { MockSignature.key(of: $0, seed: 0) }
        do {
            let committee = try ValidatorSet(keys.map { Validator(key: $0, votingPower: 1) })
            return median(5) {
                _ = CustodyAssignment(
                    seed: Bytes32(repeating: 3), lineCount: 2 * width, committee: committee)
            }
        } catch {
            preconditionFailure("members with power are a set: \(error)")
        }
    }

    /// Sealing a mebibyte, or opening it; decoding copies it once more.
    private static func mebibyte() -> UInt64 {
        let key = [UInt8](repeating: 5, count: 32)
        let bytes = [UInt8](repeating: 0x3B, count: 1 << 20)
        var transport = NoiseTransport(sendingKey: key, receivingKey: key, cipher: BulkCipher())
        return median(9) {
            do {
                let sealed = try transport.seal(bytes)
                precondition(sealed.count > bytes.count, "sealed bytes have tags")
            } catch {
                preconditionFailure("a mebibyte is sealed: \(error)")
            }
        }
    }

    /// What the machines do with one message or answer: a run without costs, divided.
    private static func step(_ memberCount: Int) -> UInt64 {
        let square = TimedSquare(width: 4, blobBytes: 4_000)
        var scenario = TimedScenario.fixed(
            delayMicroseconds: 50_000, memberCount: memberCount, width: 4, heights: 3)
        scenario.bytesPerSecond = nil
        let world = TimedWorld(scenario, square)
        let begin = threadNanoseconds
        let report = world.run()
        return (threadNanoseconds - begin) / UInt64(max(report.events, 1))
    }

    private static func median(_ samples: Int, _ body: () -> Void) -> UInt64 {
        body()
        var times: [UInt64] = []
        for _ in 0..<samples {
            let begin = threadNanoseconds
            body()
            times.append(threadNanoseconds - begin)
        }
        return times.sorted()[samples / 2]
    }

    private static var threadNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
