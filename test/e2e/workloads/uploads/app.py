import os

from flask import Flask, request, send_from_directory
from werkzeug.utils import secure_filename

application = Flask(__name__)
UPLOADS = "/srv/uploads"


@application.post("/files")
def upload():
    file = request.files["file"]
    name = secure_filename(file.filename)
    file.save(os.path.join(UPLOADS, name + ".part"))
    os.rename(os.path.join(UPLOADS, name + ".part"), os.path.join(UPLOADS, name))
    return name, 201


@application.get("/files/<name>")
def download(name):
    return send_from_directory(UPLOADS, name)
