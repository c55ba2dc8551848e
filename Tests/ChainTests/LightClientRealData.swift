// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Foundation
import TestSupport
import Testing

/// The verdicts that CometBFT's model of light clients gives, file by file.
@Suite(.enabled(if: RealData.isPresent)) struct LightClientRealData {
    static let folder = "light-client/model_based/single_step"

    /// Every recorded step is judged as the model judges it.
    @Test func everyVerdict() throws {
        var verdicts: [String: Int] = [:]
        let files = try RealData.files(in: Self.folder)
        for file in files {
            let test = try JSONTree(contentsOf: file)
            let initial = try test["initial"]
            var trusted = try TrustedState(
                header: try CometJSON.header(try initial["signed_header"]["header"]),
                validatorSet: try CometJSON.validatorSet(try initial["next_validator_set"]))
            let rules = try #require(
                LightRules(
                    trustingPeriodNanoseconds: Int64(try initial["trusting_period"].integer),
                    clockDriftNanoseconds: 1_000_000_000, demandsParent: false))
            for step in try test["input"].array {
                let expected = try step["verdict"].string
                // A set without members is no set here, so a block with one cannot even be formed.
                guard let block = try Self.block(step) else {
                    #expect(expected == "INVALID", "\(file.lastPathComponent) \(step.path)")
                    verdicts[expected, default: 0] += 1
                    continue
                }
                let now = try Timestamp(text: try step["now"].string)
                var verdict = "SUCCESS"
                var reason: LightFault?
                do throws(LightFault) {
                    trusted = try LightVerification.verify(
                        trusted: trusted, untrusted: block, now: now, rules: rules)
                } catch {
                    reason = error
                    verdict = error.isSoft ? "NOT_ENOUGH_TRUST" : "INVALID"
                }
                #expect(
                    verdict == expected,
                    "\(file.lastPathComponent) \(step.path) \(String(describing: reason))")
                verdicts[expected, default: 0] += 1
            }
        }
        print("light client verdicts: \(files.count) files \(verdicts.sorted { $0.key < $1.key })")
        #expect(RealData.isWhole(files.count, own: 20) && RealData.isWhole(verdicts.count, own: 3))
    }

    static func block(_ step: JSONTree) throws -> LightBlock? {
        do {
            return try CometJSON.lightBlock(try step["block"])
        } catch ValidatorSetFault.empty {
            return nil
        }
    }

    /// The index files name every file that is here.
    @Test func indexesNameTheFiles() throws {
        var named: Set<String> = []
        for index in ["MC4_4_faulty", "MC10_3_faulty"] {
            let tree = try JSONTree(
                contentsOf: try RealData.url("light-client/model_based/\(index).json"))
            for test in try tree["tests"].array { named.insert("\(index)_\(try test.string).json") }
        }
        let files = try RealData.files(in: Self.folder).map(\.lastPathComponent)
        for file in files where !file.hasPrefix("MC50") && !file.hasPrefix("MC100") {
            #expect(named.contains(file), "\(file)")
        }
    }
}
