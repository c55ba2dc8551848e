// SPDX-License-Identifier: Apache-2.0

/// Ends calls that are not answered, so that no reader waits for ever.
///
/// The node has deadlines of its own for all that it asks of peers, and says what was missing; this
/// is the last resort behind them. Calls that wait by contract (for a height, for synchronization)
/// are not counted: they end with their connection.
/// Specified in Protocol/17-json-rpc.md#deadlines.
final class CallClock {
    /// Seconds from a call to its end without an answer: twice what the node allows itself.
    static let secondsMax = 120

    private var running: [(call: RPCCall, method: String, seconds: Int)] = []

    /// Counts a call that is not answered yet.
    func start(_ call: RPCCall, _ method: String) {
        guard call.isOpen else { return }
        running.append((call, method, 0))
    }

    /// A second has gone by.
    func tick() {
        running.removeAll { !$0.call.isOpen }
        for index in running.indices { running[index].seconds += 1 }
        let late = running.filter { $0.seconds >= Self.secondsMax }
        running.removeAll { $0.seconds >= Self.secondsMax }
        for (call, method, _) in late {
            call.fail(
                .application(
                    "context deadline exceeded: '\(method)' was not answered within "
                        + "\(Self.secondsMax) s"))
        }
    }
}
