// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Syncing

/// The conversation that reads stored squares again, to find rot before it matters.
extension Node {
    mutating func beginScrubbing(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let bytes = restored.value(ScrubPosition.record) else { return }
        do throws(DecodeFault) {
            retention.scrub = ScrubMachine(
                bytesPerSecond: configuration.scrubBytesPerSecond,
                position: try ScrubPosition(decoding: bytes))
        } catch {
            effects.append(.report(.note("the scrub starts over: \(error)")))
        }
    }

    mutating func tellScrub(
        _ event: ScrubMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard isKeepingSquares else { return }
        var asked: [ScrubMachine.Effect] = []
        retention.scrub.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .check(let height):
                let ticket = ticket()
                loads[ticket] = .scrub(height)
                effects.append(.load(ticket, .integrity(height, rows: scrubbedRows())))
            case .save(let position):
                let ticket = ticket()
                stores[ticket] = .scrub
                effects.append(
                    .store(ticket, .values([(ScrubPosition.record, position.encoded)])))
            case .completed(let checked, let damaged):
                effects.append(
                    .report(
                        .note("scrub: all \(checked) squares were read, \(damaged) damaged")))
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Rows of any square, taken by their rest: nobody can foresee which are looked at.
    private mutating func scrubbedRows() -> [Int] {
        (0..<NodeLimits.scrubbedRows).map { _ in entropy.next(below: SquareSize.upperBound) }
    }

    mutating func scrubLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch value {
        case .intact(let bytes):
            effects.append(.report(.scrubbed(height: height, isIntact: true)))
            tellScrub(.intact(height, bytes: bytes), now, &effects)
        case .damaged(let reason) where chain.squares.contains(height):
            effects.append(.report(.scrubbed(height: height, isIntact: false)))
            lostSquare(height, reason, at: now, into: &effects)
            tellScrub(.damaged(height), now, &effects)
        default:
            tellScrub(.gone(height), now, &effects)
        }
    }

    /// The position is a convenience: without it the pass begins a little earlier.
    func scrubStored(failure: String?, into effects: inout [RoleEffect]) {
        guard let failure else { return }
        effects.append(.report(.note("the scrub's position was not stored: \(failure)")))
    }
}
