// Reads an answer as server-sent events with OkHttp (com.squareup.okhttp3:okhttp and okhttp-sse), on Android or the JVM.
//
//   val reader = AnswerReader("https://chat.example.org", "pk_...")
//   val id = reader.ask("What is a lease?", UUID.randomUUID().toString())
//   reader.follow(id) { answer -> runOnUiThread { label.text = answer.text } }
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.math.min
import kotlin.random.Random
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response
import okhttp3.sse.EventSource
import okhttp3.sse.EventSourceListener
import okhttp3.sse.EventSources
import org.json.JSONObject

/** `text` is the whole text so far; after a new attempt it is another one. `status` is null while the answer runs. */
data class Answer(val text: String = "", val status: String? = null)

class Refused(val code: String) : Exception(code)

class AnswerReader(private val server: String, private val key: String) {
    // A comment comes every 15 seconds. After 45 without one the connection is dead.
    private val http = OkHttpClient.Builder().readTimeout(45, TimeUnit.SECONDS).build()
    private val timer = Executors.newSingleThreadScheduledExecutor()

    /** Asks. Repeat it with the same `clientId` until it returns: the question is stored once. Keep the id. */
    fun ask(content: String, clientId: String): Long {
        val body = JSONObject().put("client_id", clientId).put("content", content).put("answer", true)
        val json = "application/json".toMediaType()
        val request = request("/agent/messages").post(body.toString().toRequestBody(json)).build()
        http.newCall(request).execute().use { response ->
            val reply = JSONObject(response.body?.string() ?: "{}")
            if (response.code != 202) throw Refused(reply.optString("code"))
            return reply.getJSONObject("assistant_message").getLong("id")
        }
    }

    /** Calls `show` with every state of the answer, one after the other; the last one has a status. Returns what ends it. */
    fun follow(messageId: Long, show: (Answer) -> Unit): () -> Unit {
        val following = Following(messageId, show)
        following.connect()
        return following::end
    }

    private inner class Following(val messageId: Long, val show: (Answer) -> Unit) : EventSourceListener() {
        private var answer = Answer()
        /** The id of the last event that was taken: the next connection continues after it. */
        private var lastId = ""
        private var failures = 0
        @Volatile private var ended = false
        private var source: EventSource? = null

        fun connect() {
            if (ended) return
            val request = request("/agent/messages/$messageId/stream").header("Accept", "text/event-stream")
            if (lastId != "") request.header("Last-Event-ID", lastId)
            source = EventSources.createFactory(http).newEventSource(request.build(), this)
        }

        fun end() {
            ended = true
            source?.cancel()
        }

        override fun onEvent(eventSource: EventSource, id: String?, type: String?, data: String) {
            if (ended) return
            failures = 0
            val event = JSONObject(data)
            when (type) {
                "delta" -> answer = answer.copy(text = answer.text + event.getString("text"))
                "reset" -> answer = Answer()
                "completed" -> answer = answer.copy(status = event.getString("status"))
                else -> return
            }
            lastId = id ?: lastId
            show(answer)
        }

        /** Without `completed` a stream has only lost its connection or its node. */
        override fun onClosed(eventSource: EventSource) = again()

        override fun onFailure(eventSource: EventSource, t: Throwable?, response: Response?) {
            val status = response?.code ?: 0
            if (status in 400..499 && status != 429) {
                ended = true
                show(answer.copy(status = "failed"))
            } else {
                failures += 1
                again()
            }
        }

        private fun again() {
            if (ended || answer.status != null) return
            val longest = min(8_000, 500 shl min(failures, 4))
            timer.schedule(Runnable { connect() }, Random.nextLong(longest / 2L, longest.toLong()), TimeUnit.MILLISECONDS)
        }
    }

    private fun request(path: String) = Request.Builder().url(server + path).header("Authorization", "Bearer $key")
}
