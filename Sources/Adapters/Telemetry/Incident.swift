// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Something that went wrong and that somebody should read about later: withheld data, a wrong
/// proof, a damaged file, a double signature.
///
/// Unlike a line of the log it is kept, counted and shown in the node's status.
package struct Incident: Hashable, Sendable {
    /// Its number since the process started, from 1.
    package let number: UInt64
    /// When it was noticed.
    package let at: Instant
    /// How much it matters.
    package let level: LogLevel
    /// What kind, in stable dotted words: `square.damaged`.
    package let kind: String
    /// What happened, in a sentence.
    package let summary: String
}

/// The last incidents, and how many there were of each kind.
package struct IncidentList: Sendable {
    /// How many are kept; of older ones only the counts remain.
    package static let keptMax = 256
    /// How many kinds are counted; further ones are counted as `other`.
    package static let kindsMax = 64

    /// The last incidents, oldest first.
    package private(set) var recent: [Incident] = []
    /// How many there were of each kind, in the order of their first appearance.
    package private(set) var counts: [(kind: String, count: UInt64)] = []
    private var total: UInt64 = 0

    package init() {}

    /// Notes an incident.
    @discardableResult
    package mutating func note(
        _ level: LogLevel, _ kind: String, at now: Instant, _ summary: String
    ) -> Incident {
        total += 1
        let incident = Incident(
            number: total, at: now, level: level, kind: kind,
            summary: String(summary.prefix(LogLine.textMax)))
        if recent.count == Self.keptMax { recent.removeFirst() }
        recent.append(incident)
        count(kind)
        return incident
    }

    private mutating func count(_ kind: String) {
        if let place = counts.firstIndex(where: { $0.kind == kind }) {
            counts[place].count += 1
        } else if counts.count < Self.kindsMax - 1 {
            counts.append((kind, 1))
        } else if let place = counts.firstIndex(where: { $0.kind == "other" }) {
            counts[place].count += 1
        } else {
            counts.append(("other", 1))
        }
    }
}
