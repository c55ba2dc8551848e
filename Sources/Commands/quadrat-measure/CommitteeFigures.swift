// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RPC

/// How one block fared at one member, as that member's log has it.
struct MemberBlock {
    let height: UInt64
    /// When its building began by its header, in microseconds since 1970.
    let begun: UInt64
    let isOwn: Bool
    /// Microseconds from then on, by milestone.
    let reached: [String: UInt64]

    /// Milestones in their order.
    static let milestones = [
        "proposed", "rows", "kept", "notarized", "square", "executed", "certified", "final",
        "entered",
    ]
}

/// What the logs of all members say of the blocks of a run.
struct CommitteeFigures {
    /// The blocks that were begun while measuring, lowest first, each as its members saw it.
    private(set) var blocks: [(height: UInt64, width: Int, members: [MemberBlock])] = []

    /// Reads the logs; `from` and `to` are microseconds since 1970.
    init(logs: [String], from: UInt64, to: UInt64) {
        var byHeight: [UInt64: [MemberBlock]] = [:]
        var widths: [UInt64: Int] = [:]
        for path in logs {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") {
                let isBlock = line.contains("\"committee.block\"")
                guard isBlock || line.contains("\"header.head\""),
                    let node = try? JSONParser.parse(Array(line.utf8)),
                    let height = node.member("height")?.integer(UInt64.self)
                else { continue }
                if isBlock {
                    guard let block = Self.block(node, height) else { continue }
                    byHeight[height, default: []].append(block)
                } else if let width = node.member("width")?.integer(Int.self) {
                    widths[height] = width
                }
            }
        }
        for (height, members) in byHeight.sorted(by: { $0.key < $1.key }) {
            guard let begun = members.first?.begun, (from...to).contains(begun) else { continue }
            blocks.append((height, widths[height] ?? 0, members))
        }
    }

    private static func block(_ node: JSONNode, _ height: UInt64) -> MemberBlock? {
        guard let begun = node.member("begun")?.integer(UInt64.self) else { return nil }
        var reached: [String: UInt64] = [:]
        for name in MemberBlock.milestones {
            reached[name] = node.member(name)?.integer(UInt64.self)
        }
        return MemberBlock(
            height: height, begun: begun, isOwn: node.member("own")?.integer(Int.self) == 1,
            reached: reached)
    }

    /// For each block the milliseconds after which its median member had it final.
    var finality: [Double] {
        blocks.compactMap { block in
            let all = block.members.compactMap { $0.reached["final"] }.sorted()
            return all.isEmpty ? nil : Double(all[all.count / 2]) / 1e3
        }.sorted()
    }

    /// Milliseconds from one block's beginning to that of the next.
    var intervals: [Double] {
        zip(blocks, blocks.dropFirst()).compactMap { earlier, later in
            guard later.height == earlier.height + 1, let first = earlier.members.first,
                let second = later.members.first
            else { return nil }
            return Double(Int64(second.begun) - Int64(first.begun)) / 1e3
        }.sorted()
    }

    /// How long it took blocks to get so far, in milliseconds, at members who did not propose them.
    func reached(_ milestone: String, isOwn: Bool) -> [Double] {
        blocks.flatMap { block in
            block.members.filter { $0.isOwn == isOwn }
                .compactMap { $0.reached[milestone].map { Double($0) / 1e3 } }
        }.sorted()
    }
}

extension [Double] {
    /// The value that so many hundredths of all are not above; they must be sorted.
    func quantile(_ percent: Int) -> Double {
        isEmpty ? .nan : self[Swift.min(count - 1, count * percent / 100)]
    }
}
