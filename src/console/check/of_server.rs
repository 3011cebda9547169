//! The words of the rules for a server. Read next: [`super::words`].

use super::words::{
    CheckWords, EXAMPLE, HINT_LAST, HINT_STREAM, INTRO, REPLIES, SILENT, STREAM, TABLE,
};
use crate::console::language::text;

const REMOVE: &str = "esperar 15 segundos antes de forçar o fim da conexão e excluir o cliente";
const SEVERAL: &str = "o servidor central pode receber várias conexões em paralelo";

/// In the order of [`crate::check::server::RULES`].
pub(super) static WORDS: &[CheckWords] = &[
    CheckWords {
        id: "connect",
        title: text!(
            "the server accepts a connection and says nothing by itself",
            "o servidor aceita uma conexão e nada diz por si",
        ),
        quote: "O servidor central estará constantemente escutando a porta 10000",
        place: INTRO,
        advice: text!(
            "Start the server first, on the port that you check and with room for another client, \
             and send no banner: every message of the server is a reply.",
            "Inicie antes o servidor, na porta verificada e com lugar para mais um cliente, e não \
             envie saudação: toda mensagem do servidor é uma resposta.",
        ),
    },
    CheckWords {
        id: "list-empty",
        title: text!(
            "LIST of somebody who is alone is `LIST ` with its blank",
            "LIST de quem está só é `LIST ` com o espaço",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Send `LIST \\r\\n`: clients that split the line at the blank crash on `LIST\\r\\n`, \
             or take the word for a name, and wait for ever where nothing comes.",
            "Envie `LIST \\r\\n`: clientes que separam a linha no espaço falham com \
             `LIST\\r\\n`, ou tomam a palavra por um nome, e esperam para sempre se nada vem.",
        ),
    },
    CheckWords {
        id: "clients",
        title: text!(
            "several clients are served at once, one that is silent keeps nobody waiting",
            "vários clientes ao mesmo tempo; um que se cala não faz ninguém esperar",
        ),
        quote: SEVERAL,
        place: text!("the handout's hint on Bruno and Camila", "dica sobre Bruno e Camila"),
        advice: text!(
            "Your server reads from one connection until it ends, or waits for USER inside its \
             accept loop: give each connection a thread, or use select.",
            "Seu servidor lê de uma conexão até o fim, ou espera o USER dentro do laço do \
             accept: use uma thread por conexão, ou select.",
        ),
    },
    CheckWords {
        id: "user",
        title: text!(
            "after USER the name is in the others' LIST",
            "depois do USER, o nome está no LIST dos outros",
        ),
        quote: "O servidor deverá manter a relação de usuários ativos",
        place: TABLE,
        advice: text!(
            "Store the name as soon as the line `USER <nome>:<porta>` is complete, in a table \
             that all connections share.",
            "Guarde o nome assim que a linha `USER <nome>:<porta>` estiver completa, em uma \
             tabela comum a todas as conexões.",
        ),
    },
    CheckWords {
        id: "list-self",
        title: text!(
            "LIST leaves out the client that asks",
            "LIST não inclui o cliente que pergunta",
        ),
        quote: "a lista dos demais clientes ativos",
        place: TABLE,
        advice: text!(
            "Skip the name of the connection that asked when you build the answer.",
            "Ao montar a resposta, pule o nome da conexão que perguntou.",
        ),
    },
    CheckWords {
        id: "list-within",
        title: text!(
            "leaving out `Ana` does not harm `AnaMaria`",
            "tirar `Ana` não estraga `AnaMaria`",
        ),
        quote: "a lista dos demais clientes ativos",
        place: TABLE,
        advice: text!(
            "You cut the asker's name out of the finished text (replace); leave it out of the \
             list of names before you join them.",
            "Você retira o nome do texto pronto (replace); retire-o da lista de nomes antes de \
             juntá-los.",
        ),
    },
    CheckWords {
        id: "list-form",
        title: text!("the form is `LIST <name1>:<name2>`", "a forma é `LIST <nome1>:<nome2>`"),
        quote: "LIST <nome1>:<nome2>",
        place: REPLIES,
        advice: text!(
            "One blank after LIST, one colon between two names, nothing else: \"LIST \" + \
             \":\".join(names) + \"\\r\\n\".",
            "Um espaço após LIST, dois-pontos entre dois nomes, e nada mais: \"LIST \" + \
             \":\".join(nomes) + \"\\r\\n\".",
        ),
    },
    CheckWords {
        id: "addr",
        title: text!(
            "ADDR answers with the address seen and the port told",
            "ADDR responde com o endereço visto e a porta informada",
        ),
        quote: "informando o endereço <ip> do usuário consultado e a <porta>",
        place: REPLIES,
        advice: text!(
            "The IP is that of accept() (peername), the port is the one from USER, not the port \
             from which the client connected: `ADDR <ip>:<porta>`.",
            "O IP é o do accept() (peername); a porta é a do USER, não aquela de onde o cliente \
             conectou: `ADDR <ip>:<porta>`.",
        ),
    },
    CheckWords {
        id: "addr-unknown",
        title: text!(
            "ADDR of somebody who is not online has no answer",
            "ADDR de quem não está ativo não tem resposta",
        ),
        quote: "só é enviada se o usuário procurado se encontra na lista",
        place: REPLIES,
        advice: text!(
            "Send nothing at all, keep the connection, and go on reading: words such as an error \
             are taken for the answer to the next question.",
            "Não envie nada, mantenha a conexão e continue lendo: um texto de erro é tomado pela \
             resposta à próxima pergunta.",
        ),
    },
    CheckWords {
        id: "keep-silent",
        title: text!("KEEP has no answer", "KEEP não tem resposta"),
        quote: "Respostas enviadas do servidor: LIST e ADDR",
        place: REPLIES,
        advice: text!(
            "Only renew the time on KEEP; an answer such as OK is taken for the answer to the \
             next LIST.",
            "Ao receber KEEP, só renove o tempo; uma resposta como OK é tomada pela do próximo \
             LIST.",
        ),
    },
    CheckWords {
        id: "unasked",
        title: text!(
            "the server never says what nobody asked for",
            "o servidor nunca diz o que ninguém pediu",
        ),
        quote: "devem ser exatamente como especificadas",
        place: EXAMPLE,
        advice: text!(
            "Send only LIST and ADDR, once for each question: no greeting, no confirmation, no \
             error text.",
            "Envie só LIST e ADDR, uma vez por pergunta: nem saudação, nem confirmação, nem \
             texto de erro.",
        ),
    },
    CheckWords {
        id: "line-end",
        title: text!("every answer ends in CR LF", "toda resposta termina em CR LF"),
        quote: "acrescentar os caracteres especiais \\r\\n ao final de cada instrução",
        place: HINT_STREAM,
        advice: text!(
            "Append \"\\r\\n\" to every line that you send: without it the other side cannot \
             know where your message ends.",
            "Acrescente \"\\r\\n\" a cada linha enviada: sem isso o outro lado não sabe onde a \
             mensagem termina.",
        ),
    },
    CheckWords {
        id: "edition",
        title: text!(
            "all ADDR answers are of one edition of the handout",
            "toda resposta ADDR é de uma só edição do enunciado",
        ),
        quote: "ADDR <ip>:<porta>  (2026: ADDR <nome>:<ip>:<porta>)",
        place: REPLIES,
        advice: text!(
            "Clients of one edition cannot read the answer of the other; see which one your \
             class uses.",
            "Clientes de uma edição não leem a resposta da outra; veja qual a sua turma usa.",
        ),
    },
    CheckWords {
        id: "together",
        title: text!(
            "several instructions in one segment are all answered, in order",
            "várias instruções em um segmento: todas respondidas, em ordem",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: add what recv returns to a buffer, and \
             take every complete line out of it in a loop.",
            "Seu programa toma um recv por uma mensagem: junte o que o recv devolve em um \
             buffer, e retire dele toda linha completa, em um laço.",
        ),
    },
    CheckWords {
        id: "pieces",
        title: text!(
            "an instruction may come one byte at a time",
            "uma instrução pode chegar byte a byte",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Your program takes one recv for one message: keep what has no `\\r\\n` yet in a \
             buffer, one for each connection, until the rest has come.",
            "Seu programa toma um recv por uma mensagem: guarde o que ainda não tem `\\r\\n` em \
             um buffer, um por conexão, até vir o resto.",
        ),
    },
    CheckWords {
        id: "cut-end",
        title: text!(
            "a segment may end between CR and LF",
            "um segmento pode terminar entre CR e LF",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "Look for `\\r\\n` in the buffer, not in the piece that has just come, and do not \
             strip a piece before it is in the buffer.",
            "Procure `\\r\\n` no buffer, não no pedaço que acaba de chegar, e não use strip no \
             pedaço antes de juntá-lo.",
        ),
    },
    CheckWords {
        id: "cut-letter",
        title: text!(
            "a segment may end inside a letter",
            "um segmento pode terminar dentro de uma letra",
        ),
        quote: STREAM,
        place: HINT_STREAM,
        advice: text!(
            "You decode each piece alone: keep bytes in the buffer, and decode a line when it is \
             complete.",
            "Você decodifica cada pedaço sozinho: guarde bytes no buffer, e decodifique a linha \
             quando completa.",
        ),
    },
    CheckWords {
        id: "name-blank",
        title: text!("a name may have blanks", "um nome pode ter espaços"),
        quote: "O nome não deve conter o caractere “:”",
        place: TABLE,
        advice: text!(
            "Cut the line at the first blank only, split(\" \", 1), and the rest at its colon.",
            "Separe a linha só no primeiro espaço, split(\" \", 1), e o resto nos dois-pontos.",
        ),
    },
    CheckWords {
        id: "name-accent",
        title: text!("a name may have accents", "um nome pode ter acentos"),
        quote: "O nome não deve conter o caractere “:”",
        place: TABLE,
        advice: text!(
            "Decode and encode with UTF-8, not with ASCII, and do not filter letters.",
            "Decodifique e codifique em UTF-8, não em ASCII, e não filtre letras.",
        ),
    },
    CheckWords {
        id: "duplicate",
        title: text!(
            "a name that is in use is not given to a newcomer, who is turned away",
            "um nome em uso não passa a um recém-chegado, que é recusado",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Look whether the name is in the table before you store it, and close the new \
             connection if it is: the first user would lose all calls.",
            "Veja se o nome está na tabela antes de guardá-lo e, se estiver, feche a nova \
             conexão: o primeiro usuário perderia as chamadas.",
        ),
    },
    CheckWords {
        id: "duplicate-end",
        title: text!(
            "when the newcomer with a used name leaves, the first user stays",
            "quando sai o recém-chegado de nome repetido, o primeiro fica",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "You remove by name at the end of any connection: remove the entry only if it \
             belongs to that connection.",
            "Você remove pelo nome ao fim de qualquer conexão: remova só se a entrada for \
             daquela conexão.",
        ),
    },
    CheckWords {
        id: "gone",
        title: text!(
            "a client that closes leaves the list, within 15 s at most",
            "um cliente que fecha sai da lista, em 15 s no máximo",
        ),
        quote: "deixar de ser enviada por qualquer motivo (como fechamento inesperado)",
        place: TABLE,
        advice: text!(
            "When recv returns nothing, or fails, remove the client from the table and close its \
             socket.",
            "Quando o recv devolve vazio, ou falha, remova o cliente da tabela e feche o socket.",
        ),
    },
    CheckWords {
        id: "name-free",
        title: text!(
            "a name is free again once its user has left",
            "um nome fica livre depois que seu usuário sai",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Remove the name from every table that you look at when a USER comes.",
            "Remova o nome de toda tabela consultada quando chega um USER.",
        ),
    },
    CheckWords {
        id: "expiry",
        title: text!(
            "15 s without KEEP: the connection is closed",
            "15 s sem KEEP: a conexão é fechada",
        ),
        quote: REMOVE,
        place: TABLE,
        advice: text!(
            "Keep the time of the last KEEP for each client, look at all of them at least twice \
             a second, and call shutdown(SHUT_RDWR) and close.",
            "Guarde a hora do último KEEP de cada cliente, verifique todos ao menos duas vezes \
             por segundo, e chame shutdown(SHUT_RDWR) e close.",
        ),
    },
    CheckWords {
        id: "expiry-list",
        title: text!(
            "15 s without KEEP: the name leaves the list",
            "15 s sem KEEP: o nome sai da lista",
        ),
        quote: REMOVE,
        place: TABLE,
        advice: text!(
            "Remove the name from the table where you close the connection, not only when a send \
             to it fails.",
            "Remova o nome da tabela onde a conexão é fechada, não só quando um envio falha.",
        ),
    },
    CheckWords {
        id: "keep",
        title: text!(
            "with a KEEP every 5 s a client stays",
            "com um KEEP a cada 5 s o cliente fica",
        ),
        quote: "O objetivo é informar que o cliente ainda está ativo",
        place: TABLE,
        advice: text!(
            "Every KEEP has to set the client's time anew; a timer that began with USER must be \
             started again.",
            "Cada KEEP deve renovar o tempo do cliente; um temporizador iniciado no USER deve \
             recomeçar.",
        ),
    },
    CheckWords {
        id: "keep-renews",
        title: text!("the 15 s count from the last KEEP", "os 15 s contam a partir do último KEEP"),
        quote: REMOVE,
        place: TABLE,
        advice: text!(
            "Store the time when KEEP comes; do not count from USER, and do not look only every \
             few seconds.",
            "Guarde a hora em que chega o KEEP; não conte desde o USER, nem verifique só de \
             tempos em tempos.",
        ),
    },
    CheckWords {
        id: "only-keep",
        title: text!("only KEEP renews: LIST does not", "só KEEP renova: LIST não"),
        quote: "Se essa mensagem deixar de ser enviada",
        place: TABLE,
        advice: text!(
            "Renew the time only where the line is KEEP: a timeout on recv is renewed by every \
             line.",
            "Renove o tempo só quando a linha for KEEP: um timeout no recv é renovado por \
             qualquer linha.",
        ),
    },
    CheckWords {
        id: "nobody",
        title: text!(
            "a client that never sends USER is closed after 15 s",
            "um cliente que nunca envia USER é fechado após 15 s",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Count the 15 s from the accept: silent connections would take up threads and \
             descriptors for ever.",
            "Conte os 15 s desde o accept: conexões caladas ocupariam threads e descritores para \
             sempre.",
        ),
    },
    CheckWords {
        id: "user-first",
        title: text!("nothing is answered before USER", "nada é respondido antes do USER"),
        quote: "Primeira mensagem enviada pela aplicação cliente ao servidor",
        place: TABLE,
        advice: text!(
            "Remember for each connection whether USER has come; before that answer nothing.",
            "Guarde, por conexão, se o USER já veio; antes disso não responda.",
        ),
    },
    CheckWords {
        id: "half-close",
        title: text!(
            "a client that sends no more still gets the answer, and then the end",
            "um cliente que para de enviar ainda recebe a resposta, e depois o fim",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "First answer the lines that are complete. Then, when recv returns nothing, close the \
             socket: the client waits for this end.",
            "Responda antes às linhas completas. Depois, quando o recv nada devolve, feche o \
             socket: o cliente espera por esse fim.",
        ),
    },
    CheckWords {
        id: "unknown",
        title: text!(
            "a line that is no instruction has no answer and harms nobody",
            "uma linha que não é instrução não tem resposta nem causa dano",
        ),
        quote: "",
        place: SILENT,
        advice: text!(
            "Ignore it: an error text is taken for an answer, and an exception must not end your \
             server.",
            "Ignore-a: um texto de erro é tomado por resposta, e uma exceção não deve encerrar o \
             servidor.",
        ),
    },
    CheckWords {
        id: "glued",
        title: text!("`KEEPLIST` is neither KEEP nor LIST", "`KEEPLIST` não é KEEP nem LIST"),
        quote: "a mensagem recebida poderá ser KEEPLIST",
        place: HINT_STREAM,
        advice: text!(
            "Compare the whole line, not its beginning, and do not search for words in it.",
            "Compare a linha inteira, não o começo, e não procure palavras dentro dela.",
        ),
    },
    CheckWords {
        id: "bad-user",
        title: text!(
            "a USER without name or port registers nobody and harms nobody",
            "um USER sem nome ou porta não cadastra ninguém nem causa dano",
        ),
        quote: "a porta deve ser um número inteiro",
        place: TABLE,
        advice: text!(
            "Check the parts before you use them: without a colon, or with a port that is no \
             number, close the connection.",
            "Verifique as partes antes de usá-las: sem dois-pontos, ou com porta que não é \
             número, feche a conexão.",
        ),
    },
    CheckWords {
        id: "bytes",
        title: text!(
            "bytes that are no UTF-8 harm nobody else",
            "bytes que não são UTF-8 não prejudicam os outros",
        ),
        quote: HANDOUT_CLIENTS,
        place: HINT_LAST,
        advice: text!(
            "Decode with errors=\"replace\", or catch UnicodeDecodeError and close only that \
             connection.",
            "Decodifique com errors=\"replace\", ou trate UnicodeDecodeError e feche só aquela \
             conexão.",
        ),
    },
    CheckWords {
        id: "abrupt",
        title: text!(
            "connections that end abruptly harm nobody else",
            "conexões que terminam de repente não prejudicam os outros",
        ),
        quote: "como fechamento inesperado do cliente",
        place: TABLE,
        advice: text!(
            "Catch ConnectionResetError and BrokenPipeError around recv and send, and remove \
             that client only.",
            "Trate ConnectionResetError e BrokenPipeError no recv e no send, e remova só aquele \
             cliente.",
        ),
    },
    CheckWords {
        id: "endless",
        title: text!(
            "64 KB without a line end harm nobody else",
            "64 KB sem fim de linha não prejudicam os outros",
        ),
        quote: HANDOUT_CLIENTS,
        place: HINT_LAST,
        advice: text!(
            "Close a connection whose line grows past some hundred bytes, and let no other \
             connection wait meanwhile.",
            "Feche a conexão cuja linha passe de algumas centenas de bytes, sem fazer as outras \
             esperarem.",
        ),
    },
];

const HANDOUT_CLIENTS: &str =
    "será possível fazer a comunicação entre clientes diferentes sem erros";
