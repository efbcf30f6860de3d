// A conversation on a phone. The SDK does what exactly once needs; the app tells it what only the device knows:
// when it wakes, whether there is a network, and where tokens and unsent messages are kept.
import AsyncStorage from '@react-native-async-storage/async-storage';
import NetInfo from '@react-native-community/netinfo';
import * as SecureStore from 'expo-secure-store';
import {
  type ConversationState,
  createClient,
  createRest,
  isFinal,
  type ParleyClient,
} from 'parley-client';
import { keptOutbox } from 'parley-client/extras';
import { useEffect, useState } from 'react';
import { AppState, Button, FlatList, Text, TextInput, View } from 'react-native';

const url = 'https://chat.example.org';
const REFRESH_TOKEN = 'parley.refresh';
const rest = createRest({ url, token: () => null, timeoutMs: 10_000 });

/** Logs in once. The refresh token is stored before the access token is used: then a lost reply costs no session. */
export async function logIn(email: string, password: string): Promise<Connected> {
  const tokens = await rest.login({ email, password });
  await SecureStore.setItemAsync(REFRESH_TOKEN, tokens.refresh_token ?? '');
  return connect(tokens.access_token ?? '');
}

async function refresh(): Promise<string> {
  const kept = await SecureStore.getItemAsync(REFRESH_TOKEN);
  const tokens = await rest.refresh(kept ?? '');
  await SecureStore.setItemAsync(REFRESH_TOKEN, tokens.refresh_token ?? '');
  return tokens.access_token ?? '';
}

export interface Connected {
  client: ParleyClient;
  /** At the logout: disconnects, and listens to the device no more. */
  end(): void;
}

/** Also after a restart of the app, with the token that `refresh` returns. */
export async function connect(token: string): Promise<Connected> {
  // What was typed without a network is sent after a restart too, once.
  const outbox = await keptOutbox(AsyncStorage);
  const client = createClient({ url, token, refresh, outbox });
  const unwatch = NetInfo.addEventListener(({ isConnected }) =>
    client.connection.setNetwork(isConnected ?? true),
  );
  // The system freezes sockets in the background. `wake` replaces a dead one and reads what was missed.
  const waking = AppState.addEventListener('change', (state) => {
    if (state === 'active') client.wake();
  });
  const end = () => {
    unwatch();
    waking.remove();
    client.disconnect();
  };
  return { client, end };
}

export function useConversation(client: ParleyClient, id: number): ConversationState | null {
  const [state, setState] = useState<ConversationState | null>(null);
  useEffect(() => {
    const store = client.open(id);
    setState(store.state);
    const unsubscribe = store.subscribe(setState);
    return () => {
      unsubscribe();
      client.close(id);
    };
  }, [client, id]);
  return state;
}

export function ConversationScreen({ client, id }: { client: ParleyClient; id: number }) {
  const conversation = useConversation(client, id);
  const [text, setText] = useState('');
  const running = conversation?.messages.find(
    ({ role, status }) => role === 'assistant' && !isFinal(status),
  );
  const send = () => {
    setText('');
    client.send({ conversation_id: id, content: text }).catch(() => setText(text));
  };
  return (
    <View>
      <FlatList
        data={conversation?.messages ?? []}
        keyExtractor={(message) => String(message.id)}
        renderItem={({ item }) => <Text>{item.content || item.status}</Text>}
      />
      <TextInput value={text} onChangeText={setText} onSubmitEditing={send} />
      {running && <Button title="Stop" onPress={() => client.stop(running.id)} />}
    </View>
  );
}
