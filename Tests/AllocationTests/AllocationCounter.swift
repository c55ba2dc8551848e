// SPDX-License-Identifier: Apache-2.0

internal import CAllocationCounter

/// What a piece of work takes from the heap, counted on its own thread: exact, however busy the
/// machine is.
struct AllocationCounter {
    /// Blocks that were taken.
    let blocks: Int
    /// Their bytes, as they were asked for.
    let bytes: Int

    /// Whether this build's counts mean something: a sanitizer has a heap of its own, and a debug
    /// build takes blocks that an optimised one does not.
    static var isCounting: Bool {
        #if DEBUG
        false
        #else
        allocation_is_counted()
        #endif
    }

    /// Counts what `work` takes, after a first run that fills what is made once.
    static func counting<Result>(_ work: () throws -> Result) rethrows -> AllocationCounter {
        _ = try work()
        let before = allocation_counted()
        _ = try work()
        let after = allocation_counted()
        return AllocationCounter(
            blocks: Int(after.blocks - before.blocks), bytes: Int(after.bytes - before.bytes))
    }
}
