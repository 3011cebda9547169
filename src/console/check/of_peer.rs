//! The words of the rules for a peer. Read next: [`super::words`].

use super::words::{
    CheckWords, EXAMPLE, HINT_LAST, HINT_SEVERAL, HINT_STREAM, INTRO, PEERS, REPLIES, SILENT,
    STREAM, TABLE,
};
use crate::console::language::text;

const KEEP: &str = "Essa mensagem é enviada a cada 5 segundos ao servidor";
const AWAIT: &str = "ambos continuam aguardando novas conexões";
const DISC: &str = "antes de fechar a conexão, o nó envia a mensagem DISC";
const SYMMETRIC: &str = "o outro lado pode encerrar a conexão de forma simétrica ao receber o DISC";
const TEXT: &str = "qualquer mensagem que não atenda aos padrões é parte da conversa";
const WORKS: &str = "será possível fazer a comunicação entre clientes diferentes sem erros";

/// In the order of [`crate::check::peer::RULES`].
pub(super) static WORDS: &[CheckWords] = &[
    CheckWords {
        id: "register",
        title: text!(
            "the first line to the server is `USER <name>:<port>`",
            "a primeira linha ao servidor é `USER <nome>:<porta>`",
        ),
        quote: "Primeira mensagem enviada pela aplicação cliente ao servidor central",
        place: TABLE,
        advice: text!(
            "Connect to the server that you are told, and send USER at once, before any KEEP; if \
             your program asks for a name, say how to answer with --login.",
            "Conecte ao servidor informado e envie logo o USER, antes de qualquer KEEP; se o \
             programa pede um nome, diga com --login como responder.",
        ),
    },
    CheckWords {
        id: "listens",
        title: text!(
            "it listens on the port that it told, before it tells it",
            "escuta na porta informada, antes de informá-la",
        ),
        quote: "a <porta> a qual ele estará escutando",
        place: TABLE,
        advice: text!(
            "Call bind and listen before you send USER, and send the port of that socket \
             (getsockname).",
            "Chame bind e listen antes de enviar o USER, e envie a porta desse socket \
             (getsockname).",
        ),
    },
    CheckWords {
        id: "keep-idle",
        title: text!(
            "KEEP every 5 s while nothing is typed",
            "KEEP a cada 5 s sem que nada se digite",
        ),
        quote: KEEP,
        place: TABLE,
        advice: text!(
            "Send KEEP from a thread of its own, or from the timeout of select: input() must not \
             hold it up.",
            "Envie KEEP de uma thread própria, ou pelo timeout do select: o input() não pode \
             segurá-lo.",
        ),
    },
    CheckWords {
        id: "ask-list",
        title: text!("the command for it sends LIST", "o comando para isso envia LIST"),
        quote: "Enviada ao servidor quando o usuário solicita a lista",
        place: TABLE,
        advice: text!(
            "Send `LIST\\r\\n` to the server; if your program has another command than /list, \
             say so with --type list=….",
            "Envie `LIST\\r\\n` ao servidor; se o comando não é /list, informe com --type list=….",
        ),
    },
    CheckWords {
        id: "show-list",
        title: text!("the names of the answer are shown", "os nomes da resposta são mostrados"),
        quote: "Ativos (além de você): Ana, Bruno",
        place: EXAMPLE,
        advice: text!(
            "Cut the answer behind `LIST ` at the colons, and print every name.",
            "Separe a resposta, após `LIST `, nos dois-pontos, e mostre cada nome.",
        ),
    },
    CheckWords {
        id: "empty-list",
        title: text!(
            "an empty list `LIST ` does no harm",
            "uma lista vazia `LIST ` não causa dano"
        ),
        quote: "a lista dos demais clientes ativos",
        place: TABLE,
        advice: text!(
            "Expect that nothing stands behind the blank: split(\" \")[1] and similar fail there.",
            "Conte com não haver nada após o espaço: split(\" \")[1] e semelhantes falham aí.",
        ),
    },
    CheckWords {
        id: "cut-list",
        title: text!("an answer may come in pieces", "uma resposta pode chegar em pedaços"),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: read from the server until `\\r\\n`, \
             and keep the rest in a buffer.",
            "Seu programa toma um recv por uma mensagem: leia do servidor até `\\r\\n`, e guarde \
             o resto em um buffer.",
        ),
    },
    CheckWords {
        id: "ask-addr",
        title: text!(
            "beginning a conversation sends `ADDR <name>`",
            "iniciar uma conversa envia `ADDR <nome>`",
        ),
        quote: "o comando /chat seria traduzido em uma consulta usando ADDR",
        place: INTRO,
        advice: text!(
            "Send `ADDR <nome>\\r\\n` with the name exactly as typed; if your command is not \
             /chat {name}, say so with --type chat=….",
            "Envie `ADDR <nome>\\r\\n` com o nome como digitado; se o comando não é /chat \
             {name}, informe com --type chat=….",
        ),
    },
    CheckWords {
        id: "call",
        title: text!("it connects to the address of the answer", "conecta ao endereço da resposta"),
        quote: "a resposta do comando ADDR é utilizada para estabelecimento da conexão",
        place: INTRO,
        advice: text!(
            "Cut `ADDR <ip>:<porta>` (2026: `ADDR <nome>:<ip>:<porta>`) from the right, and \
             connect there.",
            "Separe `ADDR <ip>:<porta>` (2026: `ADDR <nome>:<ip>:<porta>`) pela direita, e \
             conecte.",
        ),
    },
    CheckWords {
        id: "cut-addr",
        title: text!(
            "the answer to ADDR may be cut between CR and LF",
            "a resposta ao ADDR pode ser cortada entre CR e LF",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Read from the server until `\\r\\n` before you use the answer; the LF that comes \
             alone is no message.",
            "Leia do servidor até `\\r\\n` antes de usar a resposta; o LF que vem só não é \
             mensagem.",
        ),
    },
    CheckWords {
        id: "call-user",
        title: text!(
            "the first line to the other peer is `USER <name>`",
            "a primeira linha ao outro peer é `USER <nome>`",
        ),
        quote: "Primeira mensagem enviada pelo cliente (que inicia conexão TCP)",
        place: PEERS,
        advice: text!(
            "Send `USER <nome>\\r\\n` right after connect, without the port, with the name that \
             the server knows.",
            "Envie `USER <nome>\\r\\n` logo após o connect, sem a porta, com o nome que o \
             servidor conhece.",
        ),
    },
    CheckWords {
        id: "say",
        title: text!(
            "text goes to the peer that was called, as it was typed",
            "o texto vai ao peer chamado, como digitado",
        ),
        quote: TEXT,
        place: INTRO,
        advice: text!(
            "Send only the typed text and `\\r\\n` over the connection that you opened: no name \
             and no other word in front.",
            "Envie só o texto digitado e `\\r\\n` pela conexão aberta: sem nome nem outra \
             palavra antes.",
        ),
    },
    CheckWords {
        id: "answer",
        title: text!(
            "text goes to the peer that has called, over the same connection",
            "o texto vai ao peer que chamou, pela mesma conexão",
        ),
        quote: TEXT,
        place: INTRO,
        advice: text!(
            "A connection that you accepted is good in both directions: send what is typed over \
             it.",
            "Uma conexão aceita serve nos dois sentidos: envie por ela o que se digita.",
        ),
    },
    CheckWords {
        id: "text",
        title: text!("text of a caller is shown", "o texto de quem chama é mostrado"),
        quote: TEXT,
        place: INTRO,
        advice: text!(
            "Read from each accepted connection in a thread, or with select, while the keyboard \
             waits.",
            "Leia de cada conexão aceita em uma thread, ou com select, enquanto o teclado espera.",
        ),
    },
    CheckWords {
        id: "text-back",
        title: text!(
            "text of somebody whom it called is shown",
            "o texto de quem foi chamado é mostrado",
        ),
        quote: TEXT,
        place: INTRO,
        advice: text!(
            "Read from the connection that you opened too: the answer comes back over it.",
            "Leia também da conexão que você abriu: a resposta volta por ela.",
        ),
    },
    CheckWords {
        id: "text-pieces",
        title: text!("text may come one byte at a time", "o texto pode chegar byte a byte"),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: collect bytes in a buffer for each \
             connection, and show a line when its `\\r\\n` is there.",
            "Seu programa toma um recv por uma mensagem: junte bytes em um buffer por conexão, e \
             mostre a linha quando vier o `\\r\\n`.",
        ),
    },
    CheckWords {
        id: "text-letter",
        title: text!(
            "a letter may be cut between two reads",
            "uma letra pode ser cortada entre duas leituras",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "You decode what each recv brings: keep bytes, and decode a line when it is complete.",
            "Você decodifica o que cada recv traz: guarde bytes, e decodifique a linha quando \
             completa.",
        ),
    },
    CheckWords {
        id: "text-long",
        title: text!(
            "4 KB of accented text in one go are shown whole",
            "4 KB de texto acentuado de uma vez são mostrados inteiros",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv(1024) for one message, and loses or breaks the rest: \
             read in a loop, and decode whole lines.",
            "Seu programa toma um recv(1024) por uma mensagem, e perde ou quebra o resto: leia \
             em um laço, e decodifique linhas inteiras.",
        ),
    },
    CheckWords {
        id: "keep-talking",
        title: text!(
            "KEEP every 5 s during a conversation too",
            "KEEP a cada 5 s também durante uma conversa",
        ),
        quote: KEEP,
        place: TABLE,
        advice: text!(
            "Go on sending KEEP while messages come: a timeout that each message restarts never \
             ends.",
            "Continue a enviar KEEP enquanto chegam mensagens: um timeout que cada mensagem \
             reinicia nunca vence.",
        ),
    },
    CheckWords {
        id: "disc",
        title: text!("it closes when DISC comes", "fecha quando chega DISC"),
        quote: SYMMETRIC,
        place: PEERS,
        advice: text!(
            "Compare the line without its `\\r\\n` with DISC, then close your end of the \
             connection (shutdown and close).",
            "Compare a linha sem o `\\r\\n` com DISC, e feche o seu lado da conexão (shutdown e \
             close).",
        ),
    },
    CheckWords {
        id: "disc-echo",
        title: text!("DISC is not answered by DISC", "DISC não é respondido com DISC"),
        quote: "",
        place: SILENT,
        advice: text!(
            "Only close: a second DISC meets a closed connection, or is shown as text.",
            "Apenas feche: um segundo DISC encontra a conexão fechada, ou aparece como texto.",
        ),
    },
    CheckWords {
        id: "disc-glued",
        title: text!(
            "text and DISC in one segment: the text is shown, and it closes",
            "texto e DISC em um segmento: mostra o texto, e fecha",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: take every complete line out of the \
             buffer, in a loop.",
            "Seu programa toma um recv por uma mensagem: retire do buffer toda linha completa, \
             em um laço.",
        ),
    },
    CheckWords {
        id: "disc-pieces",
        title: text!("DISC may come in pieces", "DISC pode chegar em pedaços"),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: keep what has no `\\r\\n` yet in a \
             buffer.",
            "Seu programa toma um recv por uma mensagem: guarde no buffer o que ainda não tem \
             `\\r\\n`.",
        ),
    },
    CheckWords {
        id: "disc-word",
        title: text!(
            "a text that begins with DISC is text",
            "um texto que começa por DISC é texto"
        ),
        quote: TEXT,
        place: INTRO,
        advice: text!(
            "Compare the whole line with DISC, not its beginning, and do not search for the word.",
            "Compare a linha inteira com DISC, não o começo, e não procure a palavra.",
        ),
    },
    CheckWords {
        id: "user-glued",
        title: text!(
            "USER and the next line may come in one segment",
            "USER e a linha seguinte podem vir em um segmento",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "The recv that waits for USER may bring more: keep what stands behind the first \
             `\\r\\n` for the conversation.",
            "O recv que espera o USER pode trazer mais: guarde para a conversa o que vem após o \
             primeiro `\\r\\n`.",
        ),
    },
    CheckWords {
        id: "bye",
        title: text!("ending a conversation sends DISC", "encerrar uma conversa envia DISC"),
        quote: DISC,
        place: PEERS,
        advice: text!(
            "Send `DISC\\r\\n` before you close; if your command is not /bye, say so with --type \
             bye=….",
            "Envie `DISC\\r\\n` antes de fechar; se o comando não é /bye, informe com --type \
             bye=….",
        ),
    },
    CheckWords {
        id: "bye-closes",
        title: text!("after its goodbye it closes too", "depois da despedida, também fecha"),
        quote: "exige que os dois lados encerrem a conexão",
        place: text!("the handout's hint on close", "dica sobre o close"),
        advice: text!(
            "After DISC call shutdown and close, at the latest when recv returns nothing.",
            "Após o DISC chame shutdown e close, o mais tardar quando o recv devolve vazio.",
        ),
    },
    CheckWords {
        id: "bye-quiet",
        title: text!(
            "ending a conversation closes it, without DISC",
            "encerrar uma conversa a fecha, sem DISC",
        ),
        quote: "(2026) shutdown, depois close",
        place: PEERS,
        advice: text!(
            "In the 2026 edition there is no DISC: shutdown(SHUT_RDWR), then close.",
            "Na edição de 2026 não há DISC: shutdown(SHUT_RDWR), depois close.",
        ),
    },
    CheckWords {
        id: "end",
        title: text!(
            "a connection that ends without DISC does no harm",
            "uma conexão que termina sem DISC não causa dano",
        ),
        quote: "a função recv desbloqueia, retornando texto vazio",
        place: text!("the handout's hint on recv", "dica sobre o recv"),
        advice: text!(
            "When recv returns nothing, end that conversation only; do not read on in a loop.",
            "Quando o recv devolve vazio, encerre só aquela conversa; não continue lendo em um \
             laço.",
        ),
    },
    CheckWords {
        id: "reset",
        title: text!("a peer that vanishes does no harm", "um peer que some não causa dano"),
        quote: WORKS,
        place: HINT_LAST,
        advice: text!(
            "Catch ConnectionResetError and BrokenPipeError around recv and send, and end that \
             conversation only.",
            "Trate ConnectionResetError e BrokenPipeError no recv e no send, e encerre só aquela \
             conversa.",
        ),
    },
    CheckWords {
        id: "two",
        title: text!("two conversations at once", "duas conversas ao mesmo tempo"),
        quote: AWAIT,
        place: HINT_SEVERAL,
        advice: text!(
            "Accept again while you talk: one thread for each conversation, or select over all \
             sockets.",
            "Continue aceitando enquanto conversa: uma thread por conversa, ou select sobre \
             todos os sockets.",
        ),
    },
    CheckWords {
        id: "silent-caller",
        title: text!(
            "a caller that sends nothing keeps no other waiting",
            "um peer que chama e nada envia não faz outro esperar",
        ),
        quote: AWAIT,
        place: HINT_SEVERAL,
        advice: text!(
            "You wait for USER inside the accept loop: read it in the thread of that \
             conversation.",
            "Você espera o USER dentro do laço do accept: leia-o na thread daquela conversa.",
        ),
    },
    CheckWords {
        id: "vanished",
        title: text!(
            "an address where nobody listens does no harm",
            "um endereço onde ninguém escuta não causa dano",
        ),
        quote: "deve ser informado na interface do programa",
        place: INTRO,
        advice: text!(
            "Catch ConnectionRefusedError around connect, tell the user, and go on.",
            "Trate ConnectionRefusedError no connect, avise o usuário, e continue.",
        ),
    },
    CheckWords {
        id: "unknown-name",
        title: text!(
            "a name that the server never answers leaves the program usable",
            "um nome que o servidor nunca responde não trava o programa",
        ),
        quote: "só é enviada se o usuário procurado se encontra na lista",
        place: REPLIES,
        advice: text!(
            "Do not block in recv for the answer: there is none for an unknown name. Wait with a \
             timeout, or handle answers where all lines of the server are read.",
            "Não bloqueie no recv pela resposta: não há para um nome desconhecido. Espere com \
             timeout, ou trate respostas onde se lê o servidor.",
        ),
    },
    CheckWords {
        id: "nowhere",
        title: text!(
            "text without a conversation goes to nobody, not to the server either",
            "texto sem conversa não vai a ninguém, nem ao servidor",
        ),
        quote: "não faz sentido enviar essas mensagens ao servidor",
        place: INTRO,
        advice: text!(
            "Tell the user that there is no conversation, and send nothing.",
            "Avise o usuário de que não há conversa, e não envie nada.",
        ),
    },
    CheckWords {
        id: "instruction-end",
        title: text!("every instruction ends in CR LF", "toda instrução termina em CR LF"),
        quote: "acrescentar os caracteres especiais \\r\\n ao final de cada instrução",
        place: HINT_STREAM,
        advice: text!(
            "Append \"\\r\\n\" to every instruction that you send, USER and DISC to a peer \
             included.",
            "Acrescente \"\\r\\n\" a toda instrução enviada, também a USER e DISC para um peer.",
        ),
    },
    CheckWords {
        id: "text-end",
        title: text!(
            "every text ends in a line end too",
            "todo texto também termina com fim de linha",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Append \"\\r\\n\" to texts: two that come in one read are otherwise one, and a DISC \
             behind them is lost.",
            "Acrescente \"\\r\\n\" aos textos: dois em uma leitura viram um só, e um DISC depois \
             deles se perde.",
        ),
    },
    CheckWords {
        id: "only-instructions",
        title: text!("the server is sent instructions only", "ao servidor só vão instruções"),
        quote: "não faz sentido enviar essas mensagens ao servidor",
        place: INTRO,
        advice: text!(
            "Send USER, LIST, KEEP and ADDR to the server and nothing else, each with its own \
             `\\r\\n`.",
            "Envie ao servidor USER, LIST, KEEP e ADDR e nada mais, cada um com seu `\\r\\n`.",
        ),
    },
    CheckWords {
        id: "calls-edition",
        title: text!(
            "it reads the ADDR of the edition that was asked for",
            "lê o ADDR da edição pedida",
        ),
        quote: "ADDR <ip>:<porta>  (2026: ADDR <nome>:<ip>:<porta>)",
        place: REPLIES,
        advice: text!(
            "Programs of one edition cannot read the answer of the other; see which one your \
             class uses.",
            "Programas de uma edição não leem a resposta da outra; veja qual a sua turma usa.",
        ),
    },
    CheckWords {
        id: "exit-disc",
        title: text!(
            "leaving the program says DISC to its conversations",
            "sair do programa envia DISC às conversas",
        ),
        quote: DISC,
        place: PEERS,
        advice: text!(
            "Before the program ends, send `DISC\\r\\n` over each open conversation.",
            "Antes de encerrar o programa, envie `DISC\\r\\n` em cada conversa aberta.",
        ),
    },
    CheckWords {
        id: "exit",
        title: text!(
            "leaving closes all connections and ends the program",
            "sair fecha todas as conexões e encerra o programa",
        ),
        quote: "/exit <encerrar conexão serv.>",
        place: EXAMPLE,
        advice: text!(
            "A thread that blocks in accept or recv keeps the program alive: close the sockets, \
             and make threads daemon, or use select.",
            "Uma thread parada em accept ou recv mantém o programa vivo: feche os sockets, e use \
             threads daemon, ou select.",
        ),
    },
];
