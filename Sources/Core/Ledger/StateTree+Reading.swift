// SPDX-License-Identifier: Apache-2.0

internal import StateTree

/// How a ledger reads a tree whose nodes may lie in a store.
extension StateTree {
    /// What `body` reads of the tree; without a store to blame, all nodes are in memory and nothing
    /// fails.
    func reading<Value>(
        else nothing: @autoclosure () -> Value,
        _ body: (StateTree) throws(StateTreeFault) -> Value
    ) -> Value {
        do throws(StateTreeFault) {
            return try body(self)
        } catch {
            note(error)
            return nothing()
        }
    }

    /// Blames the store for a node that could not be had.
    func note(_ fault: StateTreeFault) {
        guard let store = store as? any WatchedNodeStore else {
            preconditionFailure("a ledger in memory: \(fault)")
        }
        store.note(fault)
    }
}
