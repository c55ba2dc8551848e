// SPDX-License-Identifier: Apache-2.0

internal import Chain

/// The newest heads, and everything that waits for the next: calls, polls and subscriptions.
final class HeadBoard {
    /// How many heads are kept for subscriptions that are a little behind.
    static let recentLimit = 32
    /// The most calls that may wait for a height or poll.
    static let waitingLimit = 10_000

    private(set) var newest: ChainHeader?
    private var recent: [ExtendedHeader] = []
    private var waiting: [(call: RPCCall, height: UInt64, wake: () -> Void)] = []
    private var polls: [(call: RPCCall, poll: () -> Void)] = []
    private var subscriptions: [Subscription] = []

    /// A head that was published lately.
    func recent(_ height: UInt64) -> ExtendedHeader? {
        recent.last { $0.height.value == height }
    }

    func publish(_ head: ChainHeader) {
        if let newest, head.height < newest.height { return }
        newest = head
        if let whole = head.extended { recent.append(whole) }
        if recent.count > Self.recentLimit { recent.removeFirst() }
        wake(upTo: head.height.value)
        for subscription in subscriptions { subscription.headsGrew(to: head.height.value) }
        subscriptions.removeAll { $0.isClosed }
    }

    /// Wakes a call once a head of at least that height is published.
    func wait(_ call: RPCCall, for height: UInt64, wake: @escaping () -> Void) {
        guard waiting.count < Self.waitingLimit else { return call.fail(.busy) }
        waiting.append((call, height, wake))
    }

    /// Repeats something about once a second until the call is answered.
    func poll(_ call: RPCCall, _ poll: @escaping () -> Void) {
        guard polls.count < Self.waitingLimit else { return call.fail(.busy) }
        polls.append((call, poll))
        poll()
    }

    func add(_ subscription: Subscription) {
        subscriptions.append(subscription)
    }

    func tick() {
        polls.removeAll { !$0.call.isOpen }
        // Whoever began to wait while its head was on the way is not left behind.
        wake(upTo: newest?.height.value ?? 0)
        for poll in polls { poll.poll() }
        for subscription in subscriptions { subscription.retry() }
        subscriptions.removeAll { $0.isClosed }
    }

    private func wake(upTo height: UInt64) {
        let ripe = waiting.filter { $0.height <= height && $0.call.isOpen }
        waiting.removeAll { $0.height <= height || !$0.call.isOpen }
        for waiter in ripe { waiter.wake() }
    }
}
