// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import DataSquare
internal import Staking

/// `quadrat validator report-loss` and `quadrat challenge`: data that is gone, and data that is hidden.
enum DutyCommand {
    /// The verbs of those who run a validator.
    static let verbs = [reportLoss]

    private static let heightLimit: Int64 = 1 << 62

    private static let reportLoss = Verb(
        "report-loss", "tell the chain that this validator has lost data",
        discussion: """
            For a day audits of these heights do not count and challenges of them are excused; what \
            they would have earned is lost, and no stake. A validator tells by itself of what it \
            finds gone for an hour; this is for a disk that is lost as a whole. The same height \
            cannot be reported again within 30 days, and 16 reports are all in that time.
            """,
        options: StakeSending.options.filter { $0.name != "from" } + [
            Option("first", .integer("HEIGHT", 1...heightLimit), "the lowest height that is lost"),
            Option("last", .integer("HEIGHT", 1...heightLimit), "the highest; the lowest again"),
            Option(
                "from", .text("KEY"), "sign with this account key of the data directory",
                fallback: NodeCommand.operatorKey),
        ], examples: ["validator report-loss --first 1000 --last 4000"],
        action: { call throws(CommandFault) in
            guard let first = try call.integer("first") else {
                throw .usage("nothing is lost", hint: "give --first HEIGHT and --last HEIGHT")
            }
            let last = try call.integer("last") ?? first
            guard first <= last else {
                throw .usage("there are no heights from \(first) to \(last)")
            }
            return try StakeSending.send(call) { sender throws(CommandFault) in
                .reportLoss(
                    validator: sender.account, first: UInt64(first), last: UInt64(last))
            }
        })

    /// For anybody with an account that has coins.
    static let challenge = Verb(
        "challenge", "demand that those who hold a row of a block show shares of it",
        discussion: """
            Up to eight shares of one row, of a block that is not older than 6 days and 20 hours. \
            Who has to hold the row and voted for the block must show them within 24 epochs, or be \
            slashed. The bond is laid down; an eighth of the first bond is paid for each answer, and \
            what is left comes back if anybody did not answer.
            """,
        positionals: [Positional("HEIGHT", "the block")],
        options: StakeSending.options + [
            Option("row", .integer("ROW", 0...1_023), "the row of the extended square"),
            Option("columns", .text("C,C…"), "the shares' places in the row"),
            Option(
                "bond", .integer("AMOUNT", 1...heightLimit),
                "the most to lay down, in the smallest coin", fallback: "10000000"),
        ], examples: ["challenge 1000 --row 3 --columns 0,7,12 --from main"],
        action: { call throws(CommandFault) in
            let height = call.positional("HEIGHT")
            guard let number = UInt64(height), number > 0 else {
                throw .usage("'\(height)' is no height")
            }
            guard let row = try call.integer("row"), let text = call.text("columns") else {
                throw .usage("nothing is asked for", hint: "give --row ROW and --columns C,C…")
            }
            let columns = try columns(text)
            let bond = UInt64(try call.integer("bond") ?? 0)
            return try StakeSending.send(call) { sender throws(CommandFault) in
                .challenge(
                    ChallengeRequest(
                        challenger: sender.account, height: number, row: UInt16(row),
                        columns: columns, bond: bond))
            }
        })

    /// Places in a row, each once, in rising order.
    static func columns(_ text: String) throws(CommandFault) -> [UInt16] {
        var columns: [UInt16] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let column = UInt16(part), Int(column) < DataAvailabilityHeader.widthMax,
                !columns.contains(column)
            else { throw .usage("'\(text)' are no places in a row", hint: "such as 0,7,12") }
            columns.append(column)
        }
        guard columns.count <= Challenge.columnsMax else {
            throw .usage("a challenge asks for \(Challenge.columnsMax) shares at most")
        }
        return columns.sorted()
    }
}
