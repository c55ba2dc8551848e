// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import StateTree

/// A state tree with many keys: updates, proofs, chunks of snapshots.
enum StateFamily {
    private static let keyCount = 1 << 18
    private static let batchSize = 1_000

    static func tree(_ yardsticks: Yardsticks) -> [Measurement] {
        var tree = StateTree()
        do throws(StateTreeFault) {
            let growing = ProcessorClock.threadNanoseconds
            var version: UInt64 = 0
            for start in stride(from: 0, to: keyCount, by: 4_096) {
                version += 1
                _ = try tree.update(writes((start..<start + 4_096).map { $0 }, 0), version: version)
            }
            let grown = ProcessorClock.threadNanoseconds - growing
            let name = "keys=\(keyCount)"
            return [
                Measurement(
                    name: "state.grow/\(name)/batch=4096", value: grown / Double(keyCount) / 1e3,
                    unit: "us")
            ]
                + (try updates(&tree, batch: batchSize, yardsticks))
                + (try updates(&tree, batch: 1, yardsticks)) + (try proofs(tree))
                + (try chunks(tree))
        } catch {
            preconditionFailure("a tree in memory: \(error)")
        }
    }

    /// Keys like those of accounts, values like theirs.
    private static func writes(_ numbers: [Int], _ round: Int) -> [StateWrite] {
        numbers.map { number in
            StateWrite(key: key(number), value: value(number, round))
        }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    private static func key(_ number: Int) -> [UInt8] {
        var key = Array("account/".utf8)
        key.append(bigEndian: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        key.append(contentsOf: [UInt8](repeating: 7, count: 12))
        return key
    }

    private static func value(_ number: Int, _ round: Int) -> [UInt8] {
        var value: [UInt8] = []
        value.append(bigEndian: UInt64(number))
        value.append(bigEndian: UInt64(round))
        value.append(contentsOf: [UInt8](repeating: 1, count: 33))
        return value
    }

    /// Time for one of a batch of updates of keys that are there; the floor is its compressions.
    private static func updates(
        _ tree: inout StateTree, batch: Int, _ yardsticks: Yardsticks
    ) throws(StateTreeFault) -> [Measurement] {
        let numbers = (0..<batch).map { ($0 * 7_919 + 13) % keyCount }
        let compressions = try compressions(numbers, tree)
        var round = 1
        var failure: StateTreeFault?
        var grown = tree
        var change: StateTreeChange?
        var prepared: [StateWrite] = []
        let time = ProcessorClock.median(
            samples: 31,
            prepare: {
                round += 1
                prepared = writes(numbers, round)
            }
        ) {
            do throws(StateTreeFault) {
                change = try grown.update(prepared, version: grown.version + 1)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        tree = grown
        let written = (change?.written ?? []).reduce(0) { $0 + $1.bytes.count }
        let name = "keys=\(keyCount)/batch=\(batch)"
        return [
            Measurement(
                name: "state.update/\(name)", value: time / Double(batch) / 1e3, unit: "us",
                floor: Double(compressions) * yardsticks.compressionNanoseconds / Double(batch)
                    / 1e3),
            Measurement(
                name: "state.update-rate/\(name)", value: Double(batch) / time * 1e9, unit: "/s"),
            Measurement(
                name: "state.written/\(name)", value: Double(written) / Double(batch), unit: "B"),
        ]
    }

    /// One for each key and value, two for each leaf and for each inner node above one.
    private static func compressions(
        _ numbers: [Int], _ tree: StateTree
    ) throws(StateTreeFault) -> Int {
        var sum = numbers.count * 4
        var last: Bytes32?
        for path in numbers.map({ (StateEntry.path(of: key($0)), key($0)) })
            .sorted(by: { $0.0 < $1.0 })
        {
            guard case .present(let proof) = try tree.proof(of: path.1) else { continue }
            let shared = last.map { sharedBits($0, path.0) + 1 } ?? 0
            sum += 2 * max(0, proof.siblings.count - shared)
            last = path.0
        }
        return sum
    }

    private static func sharedBits(_ one: Bytes32, _ other: Bytes32) -> Int {
        for index in 0..<32 where one[index] != other[index] {
            return index * 8 + (one[index] ^ other[index]).leadingZeroBitCount
        }
        return 256
    }

    private static func proofs(_ tree: StateTree) throws(StateTreeFault) -> [Measurement] {
        var made: [StateProof] = []
        var absent: [StateProof] = []
        for number in 0..<256 {
            made.append(try tree.proof(of: key(number * 1_000 % keyCount)))
            absent.append(try tree.proof(of: key(keyCount + number)))
        }
        let sizes = [made, absent].map { proofs in
            Double(proofs.reduce(0) { $0 + $1.protobuf.count }) / 256
        }
        let making = ProcessorClock.median(samples: 15) {
            for number in 0..<256 {
                do { _ = try tree.proof(of: key(number * 1_000 % keyCount)) } catch {
                    preconditionFailure("a tree in memory: \(error)")
                }
            }
        }
        let root = tree.root
        let verifying = [made, absent].map { proofs in
            let keys = (0..<256).map {
                proofs == made ? key($0 * 1_000 % keyCount) : key(keyCount + $0)
            }
            return ProcessorClock.median(samples: 15) {
                for (proof, key) in zip(proofs, keys) where proof.verify(key, root: root) == nil {
                    preconditionFailure("an honest proof")
                }
            }
        }
        let name = "keys=\(keyCount)"
        return [
            Measurement(name: "state.proof-make/\(name)", value: making / 256e3, unit: "us"),
            Measurement(
                name: "state.proof-verify/\(name)/present", value: verifying[0] / 256e3,
                unit: "us"),
            Measurement(
                name: "state.proof-verify/\(name)/absent", value: verifying[1] / 256e3,
                unit: "us"),
            Measurement(name: "state.proof-size/\(name)/present", value: sizes[0], unit: "B"),
            Measurement(name: "state.proof-size/\(name)/absent", value: sizes[1], unit: "B"),
        ]
    }

    private static func chunks(_ tree: StateTree) throws(StateTreeFault) -> [Measurement] {
        guard let chunk = try tree.chunk(after: nil) else { return [] }
        let root = tree.root
        let making = ProcessorClock.median(samples: 9) {
            do { _ = try tree.chunk(after: nil)?.encode() } catch {
                preconditionFailure("a tree in memory: \(error)")
            }
        }
        let verifying = ProcessorClock.median(samples: 9) {
            do { try chunk.verify(root: root) } catch {
                preconditionFailure("an honest chunk: \(error)")
            }
        }
        let name = "entries=\(chunk.entries.count)"
        return [
            Measurement(name: "state.chunk-make/\(name)", value: making / 1e6, unit: "ms"),
            Measurement(name: "state.chunk-verify/\(name)", value: verifying / 1e6, unit: "ms"),
        ]
    }
}
