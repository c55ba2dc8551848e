// SPDX-License-Identifier: Apache-2.0

import Storage
import Testing

@Suite struct StateStoreTests {
    /// Records survive reopening, change together, and are found by prefix in order.
    @Test func recordsAreKept() throws {
        let scratch = try ScratchDirectory()
        do {
            let states = try NodeStorage(scratch.path).states
            try states.put("agreement/vote", [1, 2])
            try states.put([("agreement/lock", []), ("sampling/head", [9]), ("x", nil)])
        }
        let states = try NodeStorage(scratch.path).states
        #expect(try states.get("agreement/vote") == [1, 2])
        #expect(try states.get("x") == nil)
        let found = try states.records(prefix: "agreement/", limit: 9)
        #expect(found.map(\.name) == ["agreement/lock", "agreement/vote"])
        #expect(found.map(\.record) == [[], [1, 2]])
        try states.remove("agreement/vote")
        try states.remove("agreement/vote")
        #expect(try states.get("agreement/vote") == nil)
    }

    /// Names and records over their limits are refused, and then nothing changes.
    @Test func limitsAreHeld() throws {
        let scratch = try ScratchDirectory()
        let states = try NodeStorage(scratch.path).states
        #expect(throws: StorageFault.self) { try states.get("") }
        #expect(throws: StorageFault.self) {
            try states.put([
                ("a", [1]), (String(repeating: "n", count: StateStore.nameMax + 1), [1]),
            ])
        }
        let large = [UInt8](repeating: 0, count: StateStore.recordMax + 1)
        #expect(throws: StorageFault.self) { try states.put([("a", [1]), ("b", large)]) }
        #expect(try states.get("a") == nil)
    }
}
