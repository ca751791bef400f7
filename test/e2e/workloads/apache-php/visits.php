<?php
session_id('petrify');
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
$file = $_FILES['file'] ?? null;
echo json_encode(['visits' => $_SESSION['visits'], 'bytes' => $file === null ? 0 : filesize($file['tmp_name'])]);
