// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What `quadrat-measure committee` is to do.
struct CommitteePlan {
    /// How many validators there are.
    var validators = 7
    /// How far they are from one another, one way, in milliseconds; 0 is without a proxy.
    var delayMilliseconds: UInt64 = 50
    /// How long is measured, in seconds.
    var seconds = 30.0
    /// How long the load runs before that.
    var warmSeconds = 5.0
    /// The sizes of blobs, in bytes: one size, or all between two.
    var blobBytes = 1 << 20...1 << 20
    /// Bytes a second that are posted; nil keeps `posters` posts under way all the time.
    var rate: Double?
    /// How many posts can be under way.
    var posters = 14
    /// The widest original square.
    var squareWidthMax = 64
    /// The longest time between blocks, in milliseconds.
    var heartbeatMilliseconds = 1_000
    /// Where the nodes keep their data; nil is a directory that goes with the run.
    var home: String?
    /// Whether the figures are printed as JSON.
    var isJSON = false

    static let usage = """
        usage: quadrat-measure committee [--validators N] [--delay-ms N] [--seconds N] [--warm N]
                 [--blob-bytes N[-M]] [--rate BYTES_A_SECOND] [--posters N] [--square-max K]
                 [--heartbeat MS] [--home DIR] [--json]
        """

    /// Reads the words of the command line; nil when one is not known.
    init?(_ words: ArraySlice<String>) {
        var words = words
        while let word = words.popFirst() {
            if word == "--json" {
                isJSON = true
                continue
            }
            guard let value = words.popFirst() else { return nil }
            guard take(word, value) else { return nil }
        }
        guard (1...100).contains(validators), (1...512).contains(posters), seconds > 0 else {
            return nil
        }
    }

    private mutating func take(_ word: String, _ value: String) -> Bool {
        switch word {
        case "--validators": return set(&validators, Int(value))
        case "--delay-ms": return set(&delayMilliseconds, UInt64(value))
        case "--seconds": return set(&seconds, Double(value))
        case "--warm": return set(&warmSeconds, Double(value))
        case "--posters": return set(&posters, Int(value))
        case "--square-max": return set(&squareWidthMax, Int(value))
        case "--heartbeat": return set(&heartbeatMilliseconds, Int(value))
        case "--rate": return set(&rate, Double(value).map(Optional.some))
        case "--home": return set(&home, value)
        case "--blob-bytes":
            let ends = value.split(separator: "-").compactMap { Int($0) }
            guard let low = ends.first, let high = ends.last, (1...high).contains(low) else {
                return false
            }
            blobBytes = low...high
            return true
        default: return false
        }
    }

    private func set<Value>(_ place: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    /// Which run this is, for the names of its figures.
    var label: String {
        let ends = blobBytes.count == 1 ? "" : "-\(blobBytes.upperBound)"
        let size = "\(blobBytes.lowerBound)" + ends
        let load = rate.map { "\(Int($0))/s" } ?? "\(posters)-under-way"
        return "n=\(validators)/delay=\(delayMilliseconds)ms/blob=\(size)/load=\(load)"
    }
}
