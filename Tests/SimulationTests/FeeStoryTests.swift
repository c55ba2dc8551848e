// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Ledger
import Machinery
import Roles
import Simulation
import Staking
import Syncing
import Testing

/// The price of gas, as whole nodes quote it, pay it and are held to it.
@Suite struct FeeStoryTests {
    /// Squares of 8 x 8 shares, so that one blob makes a block dear.
    static func story(seed: UInt64) throws -> Story {
        try Story(seed: seed, storageCount: 2, lightCount: 1) { configuration, _ in
            StakingStoryTests.staked(&configuration)
            configuration.genesis?.squareSizeMax = 8
            configuration.genesis?.minimumGasPrice = .usualMinimum
            guard let genesis = configuration.genesis else { return }
            configuration.rules = LedgerRules(genesis)
            configuration.squareWidthMaximum = 8
        }
    }

    static func quote(_ story: inout Story, at node: Int) throws -> (FeeQuote, UInt64?) {
        let answer = try story.ask(node, .ledger(.quote(sizeBytes: 100, heights: 8)))
        guard case .success(.ledger(let ledger)) = answer,
            case .quote(let quote, let gas) = ledger.finding
        else { throw StoryFault("no quote: \(answer)") }
        #expect(gas == 79_796)
        return (quote, ledger.provenAt)
    }

    static func paying(_ quote: FeeQuote) -> SubmitOptions {
        var options = SubmitOptions()
        options.gasPriceNano = GasPrice(atLeast: quote.gasPrice).millionths * 1_000
        return options
    }

    /// Fills blocks: each blob takes 58 of a square's 64 shares, and only one is in a block.
    static func fill(_ story: inout Story, _ names: Range<Int>) throws -> [Ticket] {
        var tickets: [Ticket] = []
        for number in names {
            let blob = try Scenario.blob("filler \(number)", sizeBytes: 27_900)
            tickets.append(
                story.scenario.world.ask(
                    story.scenario.storage[1], .submitBlobs([blob], SubmitOptions())))
        }
        return tickets
    }

    /// Blocks are filled until the price has risen by several eighths: a quote is honoured for as
    /// long as it says, and refused later with the price that is asked for; who leaves the price to
    /// the node follows it, also when it rises while the transaction waits.
    @Test func aQuoteIsHonouredWhileThePriceRises() throws {
        var story = try Self.story(seed: 81)
        let client = story.scenario.storage[0]
        let filler = story.scenario.storage[1]
        let validator = story.scenario.validator
        let (first, provenAt) = try Self.quote(&story, at: story.scenario.light[0])
        let height = try #require(provenAt)
        #expect(first.validThrough.value == height + 8)
        #expect(GasPrice(atLeast: first.gasPrice) == .usualMinimum)

        let fillers = try Self.fill(&story, 0..<16)
        let isDear = story.run(20_000) {
            Story.head(of: validator, in: $0) >= first.validThrough.value - 3
        }
        #expect(isDear)
        let (risen, _) = try Self.quote(&story, at: story.scenario.storage[0])
        #expect(risen.gasPrice > first.gasPrice)
        let early = try story.ask(
            client, .submitBlobs([try Scenario.blob("early", sizeBytes: 100)], Self.paying(first)))
        guard case .success(.included(let outcome)) = early else {
            throw StoryFault("a promised price was refused: \(early)")
        }
        #expect(outcome.height <= first.validThrough.value)

        let isLate = story.run(20_000) {
            Story.head(of: validator, in: $0) > first.validThrough.value + 4
        }
        #expect(isLate)
        let (dear, _) = try Self.quote(&story, at: story.scenario.light[0])
        let eighths = try #require(
            (0..<100 as Range<UInt128>).last {
                Self.risen(first.gasPrice, steps: $0) <= dear.gasPrice
            })
        #expect(eighths >= 3, "\(first.gasPrice) to \(dear.gasPrice)")
        let late = try story.ask(
            client, .submitBlobs([try Scenario.blob("late", sizeBytes: 100)], Self.paying(first)))
        guard case .failure(.refused(let code, let words)) = late else {
            throw StoryFault("an old price was taken: \(late)")
        }
        #expect(code == 13)
        #expect(words.hasPrefix("insufficient fees; got: 320utia required: "))
        #expect(words.hasSuffix(": insufficient fee"))
        try Self.payWhatIsAsked(&story, words)

        let left = try story.ask(
            client, .submitBlobs([try Scenario.blob("left", sizeBytes: 100)], SubmitOptions()))
        guard case .success(.included) = left else {
            throw StoryFault("the node's own price was refused: \(left)")
        }
        // Every filler left its price to the node, and waited while it rose.
        let areIn = story.run(60_000) { world in
            fillers.allSatisfy { world.answer(filler, $0) != nil }
        }
        #expect(areIn)
        for ticket in fillers {
            let answer = story.scenario.world.answer(filler, ticket)
            guard case .success(.included) = answer else {
                throw StoryFault("a filler is in no block: \(String(describing: answer))")
            }
        }
    }

    /// What clients do: read the fee that is asked for and pay it, again if it has risen meanwhile.
    private static func payWhatIsAsked(_ story: inout Story, _ refusal: String) throws {
        var words = refusal
        for _ in 0..<8 {
            let required = try #require(
                words.split(separator: " ").last { $0.hasSuffix("utia:") }
                    .flatMap { UInt64($0.dropLast(5)) })
            var options = SubmitOptions()
            options.gasPriceNano = (required * 1_000_000_000 + 79_795) / 79_796 + 1_000
            let again = try story.ask(
                story.scenario.storage[0],
                .submitBlobs([try Scenario.blob("late", sizeBytes: 100)], options))
            switch again {
            case .success(.included): return
            case .failure(.refused(13, let text)): words = text
            default: throw StoryFault("the required price was refused: \(again)")
            }
        }
        throw StoryFault("eight times the required price was refused: \(words)")
    }

    private static func risen(_ price: Decimal18, steps: UInt128) -> Decimal18 {
        Decimal18(raw: (0..<steps).reduce(price.raw) { raw, _ in raw + raw / 8 })
    }

    /// A client that names a most is told, instead of paying more.
    @Test func theMostIsNotExceeded() throws {
        var story = try Self.story(seed: 82)
        var options = SubmitOptions()
        options.gasPriceNanoMax = 3_000_000
        let answer = try story.ask(
            story.scenario.storage[0],
            .submitBlobs([try Scenario.blob("cheap", sizeBytes: 100)], options))
        guard case .failure(let fault) = answer else {
            throw StoryFault("it was paid: \(answer)")
        }
        #expect(fault.text == "gas price 0.004 is above the most that may be paid, 0.003")
    }
}
