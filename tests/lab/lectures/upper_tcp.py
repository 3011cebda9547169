# -*- coding: utf-8 -*-
from socket import *

serverName = 'localhost'
serverPort = 12000

# Criacao do socket
clientSocket = socket(AF_INET, SOCK_STREAM)
# Conexao com o servidor
clientSocket.connect((serverName,serverPort))

sentence = raw_input('Input lowercase sentence:')
# Envio de bytes
clientSocket.send(sentence)

# Recepcao
modifiedSentence = clientSocket.recv(1024)
print 'From Server:', modifiedSentence

# Fechamento
clientSocket.close()
