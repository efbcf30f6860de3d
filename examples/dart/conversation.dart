// Follows an answer over a socket with socket_io_client 2 or 3, in Flutter or Dart. The key needs the scopes chat and read.
//
//   final chat = Chat('https://chat.example.org', 'pk_...');
//   await chat.ask('What is a lease?', clientId: const Uuid().v4(), show: (text, status) => setState(...));
import 'dart:async';
import 'dart:convert';
import 'dart:math';

import 'package:socket_io_client/socket_io_client.dart' as io;

typedef Show = void Function(String text, String? status);

class Refused implements Exception {
  Refused(this.code);
  final String code;
}

/// The text of one answer, and the cursor (attempt, seq) up to which it is known.
class Answer {
  Answer(this.messageId, this.conversationId, this.show);
  final int messageId, conversationId;
  final Show show;
  int attempt = 0, seq = 0;
  String text = '';
  String? status;

  /// True: something is missing, so open the conversation again.
  bool delta(Map event) {
    if (status != null || event['attempt'] < attempt) return false;
    if (event['attempt'] > attempt) put(event['attempt'], 0, '');
    if (event['seq'] <= seq) return false;
    if (event['seq'] > seq + 1) return true;
    put(attempt, event['seq'], text + event['text']);
    return false;
  }

  /// An entry of `live`. `from_seq` 0 brings the whole text, another one what follows that delta.
  void live(Map entry) {
    final int from = entry['from_seq'];
    if (entry['attempt'] < attempt) return;
    if (entry['attempt'] == attempt && entry['seq'] < seq) return;
    if (from == 0) put(entry['attempt'], entry['seq'], entry['text']);
    if (from > 0 && entry['attempt'] == attempt && from == seq) put(attempt, entry['seq'], text + entry['text']);
  }

  /// True: something is missing before the end.
  bool completed(Map event) {
    if (status != null || event['attempt'] < attempt) return false;
    if (event['attempt'] > attempt || event['seq'] > seq) return true;
    if (utf8.encode(text).length != event['bytes']) return true;
    end(event['status']);
    return false;
  }

  /// A stored message with a final status has the whole text.
  void stored(Map message) {
    if (status != null || message['attempt'] < attempt) return;
    if (message['status'] == 'queued' || message['status'] == 'streaming') return;
    put(message['attempt'], message['seq'], message['content']);
    end(message['status']);
  }

  void put(int attempt, int seq, String text) {
    this.attempt = attempt;
    this.seq = seq;
    this.text = text;
    show(text, null);
  }

  void end(String status) {
    this.status = status;
    show(text, status);
  }
}

class Chat {
  Chat(String url, String key)
      : socket = io.io(
            url,
            io.OptionBuilder()
                .setTransports(['websocket'])
                .setAuth({'token': key, 'protocol': 1})
                .setReconnectionDelayMax(8000)
                .build()) {
    // A new connection is in no room: everything that runs is opened again, from its cursor.
    socket.onConnect((_) => answers.values.forEach(open));
    socket.on('server:resync', (_) => answers.values.forEach(open));
    socket.on('message:delta', (event) => _repair(event, (answer) => answer.delta(event)));
    socket.on('message:completed', (event) => _repair(event, (answer) => answer.completed(event)));
  }

  final io.Socket socket;
  final Map<int, Answer> answers = {};
  final Map<int, Timer> silences = {};

  /// Resolves when the question is stored, once, however often it is sent.
  Future<void> ask(String content, {required String clientId, required Show show}) async {
    final question = {'client_id': clientId, 'content': content, 'answer': true};
    Map? sent;
    while (sent == null) {
      sent = await call('message:send', question);
      if (sent == null) await Future.delayed(const Duration(seconds: 1));
    }
    final id = sent['assistant_message']['id'];
    final answer = answers[id] = Answer(id, sent['conversation']['id'], show);
    // Events may have come before the ack. Opening brings what they had.
    await open(answer);
  }

  /// Joins the conversation, and reads what follows the cursor.
  Future<void> open(Answer answer) async {
    try {
      await _read(answer);
    } on Refused {
      answer.end('failed');
    }
    if (answer.status != null) _forget(answer);
  }

  Future<void> _read(Answer answer) async {
    final cursor = {'message_id': answer.messageId, 'attempt': answer.attempt, 'seq': answer.seq};
    _waitFor(answer);
    final data = await call('conversation:open', {
      'conversation_id': answer.conversationId,
      'cursors': [cursor],
    });
    for (final Map entry in data?['live'] ?? []) {
      if (entry['message_id'] == answer.messageId) answer.live(entry);
    }
    for (final Map message in data?['messages'] ?? []) {
      if (message['id'] == answer.messageId) answer.stored(message);
    }
  }

  void _repair(Map event, bool Function(Answer) take) {
    final answer = answers[event['message_id']];
    if (answer == null) return;
    if (take(answer)) {
      open(answer);
    } else if (answer.status != null) {
      _forget(answer);
    } else {
      _waitFor(answer);
    }
  }

  /// A lost event leaves no sign, so a silent answer is asked about.
  void _waitFor(Answer answer) {
    silences[answer.messageId]?.cancel();
    final wait = Duration(milliseconds: 6000 + Random().nextInt(2000));
    silences[answer.messageId] = Timer(wait, () => open(answer));
  }

  void _forget(Answer answer) {
    answers.remove(answer.messageId);
    silences.remove(answer.messageId)?.cancel();
  }

  /// The data of the ack; null if the connection was lost before it came. @throws Refused
  Future<Map?> call(String event, Map payload) async {
    final reply = Completer<Map?>();
    final timer = Timer(const Duration(seconds: 10), () => reply.complete());
    socket.emitWithAck(event, payload, ack: (Map ack) {
      if (!reply.isCompleted) reply.complete(ack);
    });
    final ack = await reply.future;
    timer.cancel();
    if (ack == null || ack['ok'] == true) return ack?['data'];
    if (ack['error']['retryable']) return null;
    throw Refused(ack['error']['code']);
  }
}
