# -*- coding: utf-8 -*-
from socket import *

serverName = 'localhost'
serverPort = 12000

# Criacao do socket
clientSocket = socket(AF_INET, SOCK_DGRAM)

sentence = raw_input('Input lowercase sentence:')

# Envio de bytes. Repare que o endereco do destinatario eh necessario
clientSocket.sendto(sentence, (serverName, serverPort))

# Recepcao
modifiedSentence, addr = clientSocket.recvfrom(1024)
print 'From Server {}: {}'.format(addr, modifiedSentence)

# Fechamento
clientSocket.close()
