// Reads an answer as server-sent events with URLSession, on iOS 15 or macOS 12 and later. No package is needed.
//
//   let reader = AnswerReader(server: URL(string: "https://chat.example.org")!, key: "pk_...")
//   let id = try await reader.ask("What is a lease?", clientId: UUID().uuidString)
//   for try await answer in reader.answer(id) { label.text = answer.text }
import Foundation

struct Answer {
    /// The text so far. After a new attempt it is another one: always show the whole.
    var text = ""
    /// Nil while the answer runs: `completed`, `stopped`, `interrupted` or `failed`.
    var status: String?
}

struct Refused: Error {
    let code: String
}

struct AnswerReader {
    let server: URL
    let key: String

    /// Asks. Repeat it with the same `clientId` until it returns: the question is stored once. Keep the id that it returns.
    func ask(_ content: String, clientId: String) async throws -> Int {
        var request = self.request("/agent/messages")
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let body: [String: Any] = ["client_id": clientId, "content": content, "answer": true]
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        let (data, response) = try await URLSession.shared.data(for: request)
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        guard (response as? HTTPURLResponse)?.statusCode == 202,
            let message = json["assistant_message"] as? [String: Any],
            let id = message["id"] as? Int
        else { throw Refused(code: json["code"] as? String ?? "unavailable") }
        return id
    }

    /// Every state of an answer. The last one has a status. It throws `Refused` when asking again is of no use.
    func answer(_ messageId: Int) -> AsyncThrowingStream<Answer, Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                var answer = Answer()
                var lastId = ""
                var failures = 0.0
                while answer.status == nil {
                    do {
                        try await read(messageId, &answer, &lastId) { continuation.yield($0) }
                        failures = 0
                    } catch let refused as Refused {
                        return continuation.finish(throwing: refused)
                    } catch {
                        failures += 1
                    }
                    if Task.isCancelled { return continuation.finish() }
                    // A node that drains ends its streams; another one goes on. Do not come back all at once.
                    let wait = min(8, 0.5 * pow(2, failures)) * Double.random(in: 0.5...1)
                    if answer.status == nil { try? await Task.sleep(nanoseconds: UInt64(wait * 1e9)) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// One connection. `lastId` is the id of the last event that was taken: the next connection continues after it.
    private func read(
        _ messageId: Int, _ answer: inout Answer, _ lastId: inout String, _ show: (Answer) -> Void
    ) async throws {
        var request = self.request("/agent/messages/\(messageId)/stream")
        request.setValue("text/event-stream", forHTTPHeaderField: "Accept")
        if !lastId.isEmpty { request.setValue(lastId, forHTTPHeaderField: "Last-Event-ID") }
        // A comment comes every 15 seconds. After 45 without one the connection is dead.
        request.timeoutInterval = 45
        let (bytes, response) = try await URLSession.shared.bytes(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if (400..<500).contains(status) && status != 429 { throw Refused(code: "HTTP \(status)") }
        guard status == 200 else { throw URLError(.badServerResponse) }
        var (event, id, bytesOfLine) = ("", "", [UInt8]())
        // An event ends with its `data`, which is always one line. `bytes.lines` would also break lines elsewhere.
        for try await byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                bytesOfLine.append(byte)
                continue
            }
            let line = String(decoding: bytesOfLine, as: UTF8.self)
            bytesOfLine.removeAll()
            if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
            if line.hasPrefix("event: ") { event = String(line.dropFirst(7)) }
            guard line.hasPrefix("data: ") else { continue }
            let json = try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8))
            take(event, json as? [String: Any] ?? [:], &answer)
            lastId = id
            show(answer)
        }
    }

    private func take(_ event: String, _ data: [String: Any], _ answer: inout Answer) {
        switch event {
        case "delta": answer.text += data["text"] as? String ?? ""
        case "reset": answer.text = ""
        case "completed": answer.status = data["status"] as? String
        default: break
        }
    }

    private func request(_ path: String) -> URLRequest {
        var request = URLRequest(url: URL(string: path, relativeTo: server)!)
        request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        return request
    }
}
