// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Whether a node is alive, and whether it can be asked things, with the reasons.
///
/// *Live* means that its loop turns; a supervisor restarts a process that is not. *Ready* means
/// that every part can do its work; a balancer passes over one that is not. Liveness depends on
/// nothing but the process itself, or an outage elsewhere would restart every node at once.
package struct Health: Hashable, Sendable {
    /// How one part of the node is.
    package enum State: Hashable, Sendable {
        /// It can do its work.
        case ready
        /// Not yet, or not now: the text says what it waits for.
        case waiting(String)
        /// It cannot: the text says why.
        case failed(String)

        /// What is in the way, if anything is.
        package var reason: String? {
            switch self {
            case .ready: nil
            case .waiting(let reason), .failed(let reason): reason
            }
        }
    }

    /// How long the loop may stand still before the process counts as dead.
    package static let silenceMaxMilliseconds: UInt64 = 30_000

    /// The parts and how they are, in the order in which they were first named.
    package private(set) var parts: [Part] = []
    private var lastBeat: Instant

    /// One part of the node.
    package struct Part: Hashable, Sendable {
        /// Its name.
        package let name: String
        /// How it is.
        package var state: State
    }

    /// A node that starts now; `parts` are what it is made of, each waiting to start.
    package init(parts: [String], startedAt now: Instant) {
        lastBeat = now
        for name in parts { set(name, .waiting("starting")) }
    }

    /// Notes how a part is.
    package mutating func set(_ name: String, _ state: State) {
        if let place = parts.firstIndex(where: { $0.name == name }) {
            parts[place].state = state
        } else {
            parts.append(Part(name: name, state: state))
        }
    }

    /// Notes that the loop turns.
    package mutating func beat(at now: Instant) {
        lastBeat = max(lastBeat, now)
    }

    /// Whether every part can do its work.
    package var isReady: Bool { parts.allSatisfy { $0.state == .ready } }

    /// Whether the loop has turned lately.
    package func isLive(at now: Instant) -> Bool {
        now <= lastBeat.advanced(byMilliseconds: Self.silenceMaxMilliseconds)
    }

    /// What `/readyz?verbose` shows: a line for each part, then the verdict.
    package var readinessText: String {
        var text = ""
        for part in parts {
            switch part.state {
            case .ready: text += "[+] \(part.name) ready\n"
            case .waiting(let reason): text += "[-] \(part.name) waits: \(reason)\n"
            case .failed(let reason): text += "[-] \(part.name) failed: \(reason)\n"
            }
        }
        return text + (isReady ? "ready\n" : "not ready\n")
    }
}
