// SPDX-License-Identifier: Apache-2.0

internal import DataSquare

/// Commitments of blobs, samples with proofs and their verification.
enum ProofFamily {
    static func commitment(_ yardsticks: Yardsticks) -> [Measurement] {
        let size = 8 << 20
        do {
            let blob = try Blob(
                namespace: try Namespace(userID: [1, 2, 3]),
                data: [UInt8](repeating: 0x42, count: size), shareVersion: 0, signer: nil)
            let leaves = blob.shareCount
            let compressions = 9 * leaves + 3 * leaves
            let time = ProcessorClock.median(samples: 25) { _ = ShareCommitment(of: blob) }
            return [
                Measurement(
                    name: "blob.commitment/bytes=\(size)", value: time / 1e6, unit: "ms",
                    floor: Double(compressions) * yardsticks.compressionNanoseconds / 1e6)
            ]
        } catch {
            preconditionFailure("a blob of 8 MiB: \(error)")
        }
    }

    static func sample(_ yardsticks: Yardsticks) -> [Measurement] {
        let committed = CommittedSquare(
            ExtendedDataSquare(extending: MeasuredSquare.original(width: 128)))
        let places = (0..<16).map {
            Coordinate(row: ($0 * 97 + 13) % 256, column: ($0 * 61 + 5) % 256)
        }
        var at = 0
        let making = ProcessorClock.median(samples: 51, turns: 1000) {
            _ = committed.sample(at: places[at % 16])
            at += 1
        }
        let batch = places.map { (committed.sample(at: $0).container, $0) }
        let verifying = ProcessorClock.median(samples: 51, turns: 20) {
            let verdicts = VerifiedSample.verify(batch: batch, against: committed.header)
            for case .failure(let fault) in verdicts {
                preconditionFailure("an honest sample: \(fault)")
            }
        }
        return [
            Measurement(name: "sample.make/k=128", value: making / 1e3, unit: "us"),
            Measurement(name: "sample.verify/k=128/batch=16", value: verifying / 16e3, unit: "us"),
        ]
    }
}
